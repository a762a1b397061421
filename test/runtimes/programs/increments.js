// Counts in a session that all runtimes share: `increments.js DIRECTORY COOKIE NAME TIMES GO`, from when the file GO is there.
import { existsSync } from 'node:fs'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { fileStore } from '../../../dist/file.js'
import { createSessions } from '../../../dist/index.js'
import { say } from './cases.js'

const [directory, cookie, name, times, go] = process.argv.slice(2)
const sessions = createSessions({ store: fileStore(directory, { sweepEvery: 0 }) })

console.log('ready')
while (!existsSync(go)) await setTimeout(2)

for (let time = 0; time < Number(times); time++) {
  const session = await sessions.open(cookie)
  session.increment('all')
  session.update(name, (own = 0) => own + 1)
  await session.commit()
}
await sessions.close()
say({ passed: Number(times), skipped: 0, failed: [] })
