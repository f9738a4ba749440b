// The websocket server that y-websocket comes with, in memory, on a port of the system's choice.
import http from 'node:http'
import { WebSocketServer } from 'ws'
import { setupWSConnection } from '@y/websocket-server/utils'
import { obey, say } from './lines.mjs'

const server = http.createServer()
new WebSocketServer({ server }).on('connection', setupWSConnection)
server.listen(0, '127.0.0.1', () => say('ready', `ws://127.0.0.1:${server.address().port}`))
obey({})
