// npm's ws alone: whatever one client says goes to all others. No document, no storage, no keys.
import { WebSocketServer } from 'ws'
import { obey, say } from './lines.mjs'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
server.on('connection', (socket) => {
    socket.on('message', (message) => {
        for (const client of server.clients) if (client !== socket) client.send(message)
    })
})
server.on('listening', () => say('ready', `ws://127.0.0.1:${server.address().port}`))
obey({})
