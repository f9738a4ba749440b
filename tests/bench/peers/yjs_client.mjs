// yjs_client.mjs typist|reader URL: one end of a shared Y.Text.
import * as Y from 'yjs'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import { Reader, obey, say } from './lines.mjs'

const [role, url] = process.argv.slice(2)
const document = new Y.Doc()
const text = document.getText('text')
const provider = new WebsocketProvider(url, 'bench', document, {
    WebSocketPolyfill: WebSocket,
    disableBc: true, // through the socket, as between two computers
})
const reader = new Reader(() => text.toString())
text.observe((event) => {
    if (event.transaction.local) return
    for (const part of event.delta) {
        if (part.insert !== undefined) reader.inserted(part.insert)
        if (part.delete !== undefined) reader.removed()
    }
})
provider.once('sync', () => {
    if (role === 'typist') obey({ press: (letter) => text.insert(text.length, letter) })
    else obey({ reader })
    say('ready')
})
