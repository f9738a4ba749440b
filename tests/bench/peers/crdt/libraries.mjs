// One adapter per library: create(site) gives a replica with
//   type(patches)      one local change, nothing encoded: [[position, deleted, inserted], ...]
//   edit(patches)      the same; gives the bytes that others need
//   apply(bytes)       takes what edit gave
//   text() save() history() take(bytes)   take reads what history gave into a fresh replica
// and load(bytes) one that reads what save gave.
// Sites are small numbers. Where two typed at one place at once, the higher site stands as the traces
// have it; Yjs puts the lower id first.
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)

const splice = (patches, remove, insert) => {
    for (const [position, deleted, inserted] of patches) {
        if (deleted) remove(position, deleted)
        if (inserted) insert(position, inserted)
    }
}

async function yjs() {
    const Y = await import('yjs')
    return {
        create(site) {
            const doc = new Y.Doc()
            doc.clientID = 100_000 - site
            const text = doc.getText('text')
            let latest = null
            const type = (patches) => doc.transact(() =>
                splice(patches, (at, n) => text.delete(at, n), (at, s) => text.insert(at, s)))
            let isListening = false
            return {
                type,
                edit(patches) {
                    if (!isListening) doc.on('update', (bytes, origin, it, txn) => { if (txn.local) latest = bytes })
                    isListening = true
                    latest = null
                    type(patches)
                    return latest
                },
                apply: (bytes) => Y.applyUpdate(doc, bytes),
                text: () => text.toString(),
                save: () => Y.encodeStateAsUpdate(doc),
                history: () => Y.encodeStateAsUpdate(doc),
                take: (bytes) => Y.applyUpdate(doc, bytes),
            }
        },
    }
}

async function loro() {
    const { LoroDoc } = await import('loro-crdt')
    return {
        create(site) {
            const doc = new LoroDoc()
            doc.setPeerId(BigInt(site + 1))
            const text = doc.getText('text')
            let latest = null
            let isListening = false
            const type = (patches) => {
                splice(patches, (at, n) => text.delete(at, n), (at, s) => text.insert(at, s))
                doc.commit()
            }
            return {
                type,
                edit(patches) {
                    if (!isListening) doc.subscribeLocalUpdates((bytes) => { latest = bytes })
                    isListening = true
                    latest = null
                    type(patches)
                    return latest
                },
                apply: (bytes) => doc.import(bytes),
                text: () => text.toString(),
                save: () => doc.export({ mode: 'snapshot' }),
                history: () => doc.export({ mode: 'update' }),
                take: (bytes) => doc.import(bytes),
            }
        },
    }
}

async function jsonJoy() {
    const { Model } = require('json-joy/lib/json-crdt')
    const { Patch } = require('json-joy/lib/json-crdt-patch')
    const seedModel = Model.create(undefined, 1_000_001)
    seedModel.api.set('')
    seedModel.api.flush()
    const seed = seedModel.toBinary()
    return {
        load(bytes) {
            const model = Model.load(bytes, 2_000_902)
            const string = model.api.str([])
            return {
                text: () => string.view(),
                type(patches) {
                    splice(patches, (at, n) => string.del(at, n), (at, s) => string.ins(at, s))
                    model.api.flush()
                },
            }
        },
        create(site) {
            const model = Model.load(seed, 2_000_000 + site)
            const string = model.api.str([])
            const log = []
            const type = (patches) => {
                splice(patches, (at, n) => string.del(at, n), (at, s) => string.ins(at, s))
                return model.api.flush()
            }
            const apply = (bytes) => {
                log.push(bytes)
                model.applyPatch(Patch.fromBinary(bytes))
            }
            return {
                type,
                edit(patches) {
                    const bytes = type(patches).toBinary()
                    log.push(bytes)
                    return bytes
                },
                apply,
                text: () => string.view(),
                save: () => model.toBinary(),
                history: () => log, // its history is the list of its patches
                take: (list) => model.applyBatch(list.map((bytes) => Patch.fromBinary(bytes))),
            }
        },
    }
}

async function diamondTypes() {
    const { Doc } = require('diamond-types-node')
    return {
        create(site) {
            const doc = new Doc('site' + site)
            const type = (patches) => splice(patches, (at, n) => doc.del(at, n), (at, s) => doc.ins(at, s))
            return {
                type,
                edit(patches) {
                    const before = doc.getLocalVersion()
                    type(patches)
                    return doc.getPatchSince(before)
                },
                apply: (bytes) => doc.mergeBytes(bytes),
                text: () => doc.get(),
                save: () => doc.toBytes(),
                history: () => doc.toBytes(),
                take: (bytes) => doc.mergeBytes(bytes),
            }
        },
    }
}

// Where a fresh replica takes what was saved as it takes a history.
const withLoad = (make) => async () => {
    const library = await make()
    return {
        load(bytes) {
            const replica = library.create(902)
            replica.take(bytes)
            return replica
        },
        ...library,
    }
}

export const libraries = {
    yjs: withLoad(yjs),
    loro: withLoad(loro),
    'json-joy': jsonJoy,
    'diamond-types': withLoad(diamondTypes),
}
