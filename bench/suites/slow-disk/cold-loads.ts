import { join } from 'node:path'
import type { SessionKey } from 'untorn'
import { newKey, newRecord } from '../../candidates/sample.ts'
import { fileStore } from '../../candidates/untorn.ts'
import { atOnce, type Operation } from '../../measure/rounds.ts'

const group = 'A cold load while the page cache has all of it'

/** How many wait at the same time, where they can. */
const AT_ONCE = 16

/** What the way through the pool costs where it gains nothing. */
export function coldLoads(directory: string): { operations: Operation[]; close(): Promise<void> } {
  // Neither keeps more than one session open, so that each of sixteen in turn is one that is not.
  const store = fileStore(join(directory, 'in-turn'), { maxOpen: 1 })
  const pooled = fileStore(join(directory, 'in-turn'), { maxOpen: 1, coldLoads: 'pool' })
  const hot = fileStore(join(directory, 'in-turn'))
  const pooledHot = fileStore(join(directory, 'in-turn'), { coldLoads: 'pool' })
  const keys = Array.from({ length: AT_ONCE }, () => {
    const key = newKey()
    if (!atOnce(store.create(key, newRecord()))) throw new Error('A new key is taken.')
    return key
  })
  const key = (n: number): SessionKey => keys[n % AT_ONCE]!
  const floor = 'at once'
  const operations: Operation[] = [
    {
      group,
      name: floor,
      floor,
      batch: 96,
      run(count) {
        for (let n = 0; n < count; n++) store.load(key(n))
      },
    },
    {
      group,
      name: 'through the pool, one after another',
      floor,
      batch: 16,
      async run(count) {
        for (let n = 0; n < count; n++) await pooled.load(key(n))
      },
    },
    {
      group,
      name: `through the pool, ${AT_ONCE} at once`,
      floor,
      batch: AT_ONCE,
      run: () => Promise.all(keys.map((key) => pooled.load(key))),
    },
    {
      group,
      name: 'hot load, at once',
      floor,
      batch: 800,
      run(count) {
        for (let n = 0; n < count; n++) hot.load(key(n))
      },
    },
    {
      group,
      name: 'hot load, of a store that sends cold ones to the pool',
      floor,
      batch: 800,
      before: async () => {
        await Promise.all(keys.map((key) => pooledHot.load(key)))
      },
      run(count) {
        for (let n = 0; n < count; n++) pooledHot.load(key(n))
      },
    },
  ]
  const stores = [store, pooled, hot, pooledHot]
  return { operations, close: async () => void (await Promise.all(stores.map((store) => store.close()))) }
}
