// ws_client.mjs typist|reader URL: letters as they are typed, appended by whoever hears them.
import WebSocket from 'ws'
import { Reader, obey, say } from './lines.mjs'

const [role, url] = process.argv.slice(2)
const socket = new WebSocket(url)
let text = ''
const reader = new Reader(() => text)
socket.on('message', (message) => {
    const letters = message.toString()
    text += letters
    reader.inserted(letters)
})
socket.on('open', () => {
    obey(role === 'typist' ? { press: (letter) => socket.send(letter) } : { reader })
    say('ready')
})
