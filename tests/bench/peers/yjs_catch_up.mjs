// yjs_catch_up.mjs writer|reader URL RECORDING: the writer puts a recording into the document, ten
// edits at a time; the reader, who has nothing, says how long it took until its text was the same.
//     writer  <- ready
//     reader  <- caught MILLISECONDS
import * as Y from 'yjs'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import { recording } from './recording.mjs'
import { obey, say } from './lines.mjs'

const kEditsInChange = 10
const [role, url, file] = process.argv.slice(2)
const { text: wanted, edits } = recording(file)
const document = new Y.Doc()
const text = document.getText('text')
const begun = performance.now()
const provider = new WebsocketProvider(url, 'long', document, {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
})
async function write() {
    for (let first = 0; first < edits.length; first += kEditsInChange) {
        document.transact(() => {
            for (const [at, removed, inserted] of edits.slice(first, first + kEditsInChange)) {
                if (removed) text.delete(at, removed)
                if (inserted) text.insert(at, inserted)
            }
        })
        if (first % 1000 === 0) await new Promise(setImmediate) // or it is taken for dead
    }
    // What was sent has reached the server when the socket has nothing left.
    const wait = setInterval(() => {
        if (!provider.synced || !provider.ws || provider.ws.bufferedAmount > 0) return
        clearInterval(wait)
        setTimeout(() => say('ready'), 1000)
    }, 50)
}

provider.once('sync', () => {
    if (role === 'writer') return write()
    const look = setInterval(() => {
        if (text.toString() !== wanted) return
        clearInterval(look)
        say('caught', Math.round(performance.now() - begun))
    }, 1)
})
obey({})
