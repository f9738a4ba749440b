// crdt.mjs --list | LIBRARY TRACE REPETITIONS: a library on an editing trace, medians as a JSON list
// of {name, value, unit}. What is timed is what bench_crdt times of nlbd: CPU of the whole process.
import fs from 'node:fs'
import zlib from 'node:zlib'
import { libraries } from './libraries.mjs'

const kEachBudgetMs = 10_000 // a library that needs longer for all updates is timed on a part of them

// Covers the event graph with few chains, as crdt_plan.h does: a lane is one live replica.
function lanesOf(txns) {
    const laneOf = []
    const lasts = []
    const isContinued = new Uint8Array(txns.length)
    txns.forEach((txn, i) => {
        const free = txn.parents.filter((parent) => !isContinued[parent])
        const before = free.find((parent) => txns[parent].agent === txn.agent) ?? free[0]
        let lane = before === undefined ? -1 : laneOf[before]
        if (lane < 0) lane = lasts.findIndex((last) => missing(txns, txn.parents, (at) => at < last).has(last))
        if (lane < 0) lane = lasts.length
        else isContinued[lasts[lane]] = 1
        lasts[lane] = i
        laneOf.push(lane)
    })
    return laneOf
}

// The transactions in the history of the heads that are not known.
function missing(txns, heads, isKnown) {
    const found = new Set()
    const pending = [...heads]
    while (pending.length > 0) {
        const next = pending.pop()
        if (isKnown(next) || found.has(next)) continue
        found.add(next)
        pending.push(...txns[next].parents)
    }
    return found
}

function readTrace(path) {
    const { kind, endContent, txns } = JSON.parse(zlib.gunzipSync(fs.readFileSync(path)))
    const isConcurrent = kind === 'concurrent'
    txns.forEach((txn, i) => {
        if (!isConcurrent) txn.parents = i === 0 ? [] : [i - 1]
        txn.agent ??= 0
    })
    const laneOf = lanesOf(txns)
    return { endContent, txns, laneOf, laneCount: 1 + laneOf.reduce((a, b) => Math.max(a, b), 0) }
}

function timed(action) {
    globalThis.gc?.()
    const start = process.cpuUsage()
    action()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
}

function check(text, expected) {
    if (text !== expected) throw new Error('the text that came out is not the trace\'s own')
}

// Live replicas edit, encode and exchange as the event graph says. Gives what they sent.
function exchange(library, { txns, laneOf, laneCount, endContent }) {
    const updates = []
    const lanes = Array.from({ length: laneCount }, (_, lane) => ({
        replica: library.create(lane),
        known: new Uint8Array(txns.length),
    }))
    const deliver = (lane, heads) => {
        const list = [...missing(txns, heads, (at) => lane.known[at])].sort((a, b) => a - b)
        for (const at of list) {
            if (updates[at]) lane.replica.apply(updates[at])
            lane.known[at] = 1
        }
    }
    txns.forEach((txn, i) => {
        const lane = lanes[laneOf[i]]
        deliver(lane, txn.parents)
        updates[i] = txn.patches.length > 0 ? lane.replica.edit(txn.patches) : null
        lane.known[i] = 1
    })
    const all = txns.map((_, i) => i)
    for (const lane of lanes) {
        deliver(lane, all)
        check(lane.replica.text(), endContent)
    }
    return { updates: updates.filter(Boolean), last: lanes[laneOf.at(-1)].replica }
}

function local(library, { txns, endContent }) {
    const replica = library.create(0)
    for (const { patches } of txns) replica.type(patches)
    check(replica.text(), endContent)
}

function each(library, updates) {
    const replica = library.create(900)
    const deadline = performance.now() + kEachBudgetMs
    let applied = 0
    for (const update of updates) {
        replica.apply(update)
        if ((++applied & 63) === 0 && performance.now() > deadline) break
    }
    return updates.length / applied
}

function median(values) {
    return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

const [name, path, repetitions] = process.argv.slice(2)
if (name === '--list') {
    console.log(JSON.stringify(Object.keys(libraries)))
    process.exit(0)
}
const library = await libraries[name]()
const trace = readTrace(path)
const times = {}
const note = (figure, ms) => (times[figure] ??= []).push(ms)
const { updates, last } = exchange(library, trace)
const history = last.history()
const saved = last.save()
for (let i = 0; i < Number(repetitions); ++i) {
    if (trace.laneCount === 1) note('crdt_local_cpu', timed(() => local(library, trace)))
    else note('crdt_live_cpu', timed(() => exchange(library, trace)))
    note('crdt_remote_whole_cpu', timed(() => {
        const replica = library.create(901)
        replica.take(history)
        check(replica.text(), trace.endContent)
    }))
    note('crdt_save_cpu', timed(() => last.save()))
    // To a text that can be read, then to one that took an edit.
    let opened
    const readable = timed(() => {
        opened = library.load(saved)
        check(opened.text(), trace.endContent)
    })
    note('crdt_open_readable_cpu', readable)
    note('crdt_open_edit_cpu', readable + timed(() => opened.type([[trace.endContent.length >> 1, 0, 'x']])))
    let share = 1
    const ms = timed(() => { share = each(library, updates) })
    note('crdt_remote_each_cpu', ms * share)
}
const figures = Object.entries(times).map(([figure, values]) => ({ name: figure, value: median(values), unit: 'ms' }))
figures.push({ name: 'crdt_bytes_saved', value: saved.length, unit: 'B' })
console.log(JSON.stringify(figures))
