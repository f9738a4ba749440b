// A sync server of automerge-repo, in memory, on a port of the system's choice; it makes the document.
import { WebSocketServer } from 'ws'
import { Repo } from '@automerge/automerge-repo'
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket'
import { obey, say } from './lines.mjs'

const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
await new Promise((resolve) => sockets.once('listening', resolve))
const repo = new Repo({ network: [new WebSocketServerAdapter(sockets)], peerId: 'server' })
const handle = repo.create({ text: '' })
say('ready', `ws://127.0.0.1:${sockets.address().port}`, handle.url)
obey({})
