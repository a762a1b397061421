import { AsyncLocalStorage } from 'node:async_hooks'
import { afterAll } from 'vitest'

type Storage = AsyncLocalStorage<unknown>

/** Those of the process that were used. */
const USED = Symbol.for('untorn.tests.async-storages')
const kept = globalThis as { [USED]?: Set<Storage> }
kept[USED] ??= noted()
const used = kept[USED]

// Before Node.js 24 each that was used once is told of every promise of its process from then on, and files that share a process
// make promises by the million. So it ends with the file that has used it, and begins anew where another one does.
afterAll(() => {
  for (const storage of used) storage.disable()
  used.clear()
})

function noted(): Set<Storage> {
  const all = new Set<Storage>()
  const { prototype } = AsyncLocalStorage
  for (const verb of ['run', 'enterWith'] as const) {
    const own: (...given: never[]) => unknown = prototype[verb]
    Object.defineProperty(prototype, verb, {
      value(this: Storage, ...given: never[]) {
        all.add(this)
        return Reflect.apply(own, this, given)
      },
      writable: true,
      configurable: true,
    })
  }
  return all
}
