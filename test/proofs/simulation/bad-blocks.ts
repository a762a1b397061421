import { Disk } from './disk.ts'
import { add, CALM, explore, Found, nothingExplored } from './explore.ts'
import type { Operation } from './operation.ts'
import {
  begin,
  HOUR,
  KEY,
  LONG_TEXT,
  load,
  NOW,
  type Part,
  ROOT,
  SHARD,
  save,
  settingOf,
  stage,
  worldWith,
} from './scenarios.ts'
import type { Suite } from './suite.ts'
import type { World } from './world.ts'

/** The unit that can be read or not. Real blocks are larger, as are real lines. */
const BLOCK = 64

const READERS: Readonly<Record<string, readonly Operation[]>> = {
  load: [load()],
  'a save, and a load': [save('y', '1'), load()],
  'a conditional save': [{ verb: 'save', key: KEY, set: { y: '1' }, conditional: true }],
  'a save that folds': [save('z', LONG_TEXT), load()],
  touch: [{ verb: 'save', key: KEY, expiresAt: NOW + 2 * HOUR }],
  delete: [{ verb: 'delete', key: KEY }],
  sweep: [{ verb: 'sweep' }],
}

/** What another process does meanwhile, to which nothing of the file is new. */
const WRITERS: readonly Operation[] = [save('z', LONG_TEXT), { verb: 'delete', key: KEY }]

/**
 * One process has read the file up to a place, or nothing of it; another has saved since; and of what is there, one
 * block can't be read. Whoever needs it is told so, and nobody takes what lies before it for the whole.
 */
export const badBlocks: Suite = async (open) => {
  const sum = nothingExplored()
  const setting = settingOf(open)
  const fresh = await worldWith('fresh', setting)
  for (const [name, now] of Object.entries(READERS)) {
    for (const before of [[], [load()]]) {
      for (const writes of WRITERS) {
        const parts: Part[] = [
          { before, now },
          { before: [save('x', '1'), save('x', '2')], now: [writes] },
        ]
        const staged = begin(await stage(fresh, parts, setting))
        for (const [from, world] of spoilt(staged)) {
          try {
            add(sum, await explore(world, setting, CALM))
          } catch (error) {
            if (error instanceof Found) error.about = `${name}, ${writes.verb}, bad from byte ${from} on`
            throw error
          }
        }
      }
    }
  }
  return sum
}

/** The world once for each block of the session's file, with that one bad. */
function* spoilt(world: World): Generator<[from: number, world: World]> {
  const path = `${ROOT}/${SHARD}/${KEY.slice(2)}`
  const { size } = world.disk.pathStatus(path)
  for (let from = 0; from < size; from += BLOCK) {
    const disk = new Disk(world.disk)
    disk.spoil(path, [from, Math.min(from + BLOCK, size)])
    yield [from, { ...world, disk }]
  }
}
