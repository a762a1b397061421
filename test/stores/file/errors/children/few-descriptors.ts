// Uses more sessions than it may have files open, all at once too, and then takes the last descriptors: directory,
// durability.
import { closeSync, openSync, readdirSync } from 'node:fs'
import type { SessionKey } from 'untorn'
import { type FileStore, fileStore } from 'untorn/file'
import { newKey, newRecord, texts } from '../../../../support/records.ts'

const [directory, durability] = process.argv.slice(2) as [string, 'process' | 'disk']
const options = { durability, maxOpen: 1000, sweepEvery: 0 }
const store = fileStore(directory, options)
const idle = fileStore(directory, options)
const keys = Array.from({ length: 200 }, newKey)
// Node.js opens one of its own for it, when something is first written there: the store may warn.
void process.stderr
const openBefore = readdirSync('/dev/fd').length

async function count(verb: (key: SessionKey) => unknown): Promise<number> {
  let done = 0
  for (const key of keys) if (await verb(key)) done++
  return done
}

async function save(by: FileStore, key: SessionKey): Promise<unknown> {
  try {
    return (await by.save(key, { set: texts({ n: 1 }) })).outcome
  } catch (error) {
    const { code, message, cause } = error as Error & { code: string; cause: { code: string } }
    return { code, message, cause: cause.code }
  }
}

const created = await count((key) => store.create(key, newRecord({ user: 'Ada' })))
const saved = await count(async (key) => (await save(store, key)) === 'saved')
const loaded = await count((key) => store.load(key)?.values.get('n') === '1')
const kept = store.stats.open
let listed = 0
for await (const _ of store.records()) listed++

store.load(keys[0]!) // the list may have made it let go of all
const taken: number[] = []
try {
  for (;;) taken.push(openSync('/dev/null', 'r'))
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error
}
const byOneThatKeepsNone = await save(idle, keys[0]!)
const byOneThatKeepsSome = await save(store, keys[0]!)
for (const fd of taken) closeSync(fd)
const afterwards = await save(idle, keys[0]!)

await store.close()
await idle.close()
const pooled = fileStore(directory, { ...options, coldLoads: 'pool' })
const loadedAtOnce = (await Promise.all(keys.map((key) => pooled.load(key)))).filter(Boolean).length
await pooled.close()
const leftOpen = readdirSync('/dev/fd').length - openBefore
console.log(
  JSON.stringify({
    created,
    saved,
    loaded,
    loadedAtOnce,
    listed,
    kept,
    byOneThatKeepsNone,
    byOneThatKeepsSome,
    afterwards,
    leftOpen,
  }),
)
