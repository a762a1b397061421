// Opens a store when it is told to, and dies before one of the calls that change something on the disk: directory, which
// call (0: none). Plain JavaScript, so that many of them start quickly.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [directory, last] = process.argv.slice(2)

let calls = 0
let counting = false
for (const name of ['mkdirSync', 'openSync', 'writeSync', 'renameSync', 'unlinkSync']) {
  const real = fs[name]
  fs[name] = (...args) => {
    if (counting && ++calls === Number(last)) process.kill(process.pid, 'SIGKILL')
    return real(...args)
  }
}
syncBuiltinESMExports()
const { fileStore } = await import('untorn/file')

console.log('ready')
await new Promise((resolve) => process.stdin.once('data', resolve))
counting = true
const store = fileStore(directory, { sweepEvery: 0 })
counting = false
const key = String(process.pid).padEnd(64, '0')
const now = Date.now()
await store.create(key, { values: new Map(), createdAt: now, expiresAt: now + 3_600_000 })
console.log(JSON.stringify({ calls, key }))
await store.close()
process.exit()
