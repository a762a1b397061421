// Adds to one counter with conditional saves, and sets keys of its own with plain ones: directory, key, name, times.
import { setImmediate } from 'node:timers/promises'
import { fileStore } from 'untorn/file'
import type { SessionKey } from '../../../../src/contract/key.ts'

const [directory, key, name, times] = process.argv.slice(2) as [string, SessionKey, string, string]
const store = fileStore(directory, { maxOpen: 10 })

async function increment(): Promise<void> {
  let record = store.load(key)
  for (;;) {
    if (!record) throw new Error('The session is gone.')
    const next = Number(record.values.get('count')) + 1
    const result = await store.save(
      key,
      { set: new Map([['count', String(next)]]) },
      { ifVersion: record.version },
    )
    if (result.outcome === 'saved') return
    if (result.outcome === 'gone') throw new Error('The session is gone.')
    record = result.record
  }
}

console.log('ready')
await new Promise((resolve) => process.stdin.once('data', resolve))
for (let n = 0; n < Number(times); n++) {
  await increment()
  const own = await store.save(key, { set: new Map([[`${name}.${n % 100}`, String(n)]]) })
  if (own.outcome !== 'saved') throw new Error(`A plain save was ${own.outcome}.`)
  if (n % 100 === 0) await setImmediate()
}
console.log(JSON.stringify(store.stats))
await store.close()
process.stdin.destroy()
