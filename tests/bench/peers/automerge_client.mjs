// automerge_client.mjs typist|reader URL DOCUMENT: one end of a shared text field.
import { Repo, splice } from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { Reader, obey, say } from './lines.mjs'

const [role, url, documentUrl] = process.argv.slice(2)
const repo = new Repo({ network: [new WebSocketClientAdapter(url)], peerId: `${role}-${process.pid}` })
const handle = await repo.find(documentUrl)
const reader = new Reader(() => handle.doc().text)
if (role === 'reader') {
    handle.on('change', ({ patches }) => {
        for (const patch of patches) {
            if (patch.action === 'splice') reader.inserted(patch.value)
            else if (patch.action === 'del') reader.removed()
        }
    })
}
const press = (letter) =>
    handle.change((document) => splice(document, ['text'], document.text.length, 0, letter))
obey(role === 'typist' ? { press } : { reader })
say('ready')
