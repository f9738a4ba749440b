// A recording of one author (tests/vectors/traces): its edits, one after the other, and its text.
import fs from 'node:fs'
import zlib from 'node:zlib'

export function recording(file) {
    const { endContent, txns } = JSON.parse(zlib.gunzipSync(fs.readFileSync(file)))
    return { text: endContent, edits: txns.flatMap((transaction) => transaction.patches) }
}
