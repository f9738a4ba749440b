// automerge_catch_up.mjs writer|reader URL DOCUMENT RECORDING: as yjs_catch_up.mjs. The writer makes
// a change of each ten edits, as the others here do.
import { Repo, splice } from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { recording } from './recording.mjs'
import { obey, say } from './lines.mjs'

const kEditsInChange = 10
const [role, url, documentUrl, file] = process.argv.slice(2)
const { text: wanted, edits } = recording(file)
const begun = performance.now()
const adapter = new WebSocketClientAdapter(url)
const repo = new Repo({ network: [adapter], peerId: role })
obey({})
const handle = await repo.find(documentUrl)
if (role === 'writer') {
    for (let first = 0; first < edits.length; first += kEditsInChange) {
        handle.change((document) => {
            for (const [at, removed, inserted] of edits.slice(first, first + kEditsInChange))
                splice(document, ['text'], at, removed, inserted)
        })
        if (first % 1000 === 0) await new Promise(setImmediate) // or it is taken for dead
    }
    const wait = setInterval(() => {
        if (adapter.socket && adapter.socket.bufferedAmount > 0) return
        clearInterval(wait)
        setTimeout(() => say('ready'), 2000) // its messages are gathered for a moment before
    }, 50)
} else {
    const look = setInterval(() => {
        if (handle.doc().text !== wanted) return
        clearInterval(look)
        say('caught', Math.round(performance.now() - begun))
    }, 1)
}
