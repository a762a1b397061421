// Creates a record under a key, again and again, as each ends: directory, key, name, milliseconds. All are at it together for so long, and
// who was never the one goes on, as who has the record may wait for a processor while another tries in vain. Prints how often it was the
// one, and how often another one's record was in the way.
import type { SessionKey } from 'untorn'
import { fileStore } from 'untorn/file'

const [directory, key, name, ms] = process.argv.slice(2) as [string, SessionKey, string, string]
const store = fileStore(directory, { sweepEvery: 0 })
process.stdout.write('ready\n')
await new Promise((resume) => process.stdin.once('data', resume))

let made = 0
let kept = 0
const begun = Date.now()
for (let round = 0; Date.now() - begun < Number(ms) * (made === 0 ? 100 : 1); round++) {
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
  } else if (store.load(key)?.values.get('creator')?.startsWith(`"${name} `) === false) kept++
}
await store.close()
process.stdout.write(`${JSON.stringify({ made, kept })}\n`)
process.exit()
