// Creates a record under a key, again and again, as each ends: directory, key, name, times. Goes on until it was the one, as who has
// the record may wait for a processor while another tries all those times in vain. Prints how often it was the one, and how often it
// tried.
import type { SessionKey } from 'untorn'
import { fileStore } from 'untorn/file'

const [directory, key, name, times] = process.argv.slice(2) as [string, SessionKey, string, string]
const store = fileStore(directory, { sweepEvery: 0 })
process.stdout.write('ready\n')
await new Promise((resume) => process.stdin.once('data', resume))

let made = 0
let round = 0
for (; round < Number(times) || made === 0; round++) {
  const now = Date.now()
  const values = new Map([['creator', JSON.stringify(`${name} ${round}`)]])
  const record = { values, createdAt: now, expiresAt: round % 2 ? now + 1 : now + 60_000 }
  if (await store.create(key, record)) {
    made++
    // Its own, or that of somebody who came after it had expired.
    const met = store.load(key)
    if (round % 2 === 0) {
      if (met?.values.get('creator') !== values.get('creator')) throw new Error('Its record is another one.')
      if ((await store.save(key, { expiresAt: 0 }, { ifVersion: 0 })).outcome !== 'saved') {
        throw new Error('Its record is gone, though nobody else ends it.')
      }
    }
  }
}
await store.close()
process.stdout.write(`${JSON.stringify({ made, tried: round })}\n`)
process.exit()
