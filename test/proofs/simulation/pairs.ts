import type { Setting } from './execution.ts'
import type { Operation } from './operation.ts'
import {
  begin,
  create,
  HOUR,
  KEY,
  LONG_TEXT,
  load,
  NOW,
  type Part,
  save,
  stage,
  withFolder,
  worldWith,
} from './scenarios.ts'
import type { World } from './world.ts'

/** The operations whose every pair is explored. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  create: create(),
  load: load(),
  save: save('x', '1'),
  'another save': save('x', '2'),
  'conditional save': { verb: 'save', key: KEY, set: { y: '1' }, conditional: true },
  'save that folds': save('z', LONG_TEXT),
  touch: { verb: 'save', key: KEY, expiresAt: NOW + 2 * HOUR },
  delete: { verb: 'delete', key: KEY },
  sweep: { verb: 'sweep' },
}

/** The journals that they are explored on. */
export type JournalKind = 'none' | 'fresh' | 'long' | 'sealed' | 'replaced'

export interface Pair {
  first: string
  second: string
}

/** Each operation with each, itself included. */
export function pairs(): Pair[] {
  const names = Object.keys(OPERATIONS)
  return names.flatMap((first, at) => names.slice(at).map((second) => ({ first, second })))
}

/**
 * The pairs of which no two do the same with a journal that is sealed: there a save waits or takes over, whatever it sets,
 * and only another one with a condition can be in its way.
 */
export function unlikePairs(): Pair[] {
  const alike = ['another save', 'save that folds']
  return pairs().filter(({ first, second }) => {
    const conditional = [first, second].filter((name) => name === 'conditional save').length
    return !alike.includes(first) && !alike.includes(second) && conditional !== 1
  })
}

/** Two processes about to do an operation each; `warm`: they have the journal open already. */
export async function worldOf(
  { first, second }: Pair,
  journal: JournalKind,
  warm: boolean,
  setting: Setting,
): Promise<World> {
  const parts = [first, second].map(
    (name): Part => ({ before: warm ? [load()] : [], now: [OPERATIONS[name]!] }),
  )
  const empty = await worldWith(journal === 'none' || journal === 'fresh' ? journal : 'long', setting)
  const staged = await stage(empty, parts, setting)
  if (journal === 'sealed')
    return begin(await withFolder(staged, setting, { before: 'rename', fate: 'dies' }))
  // It dies with its fold done: who has the old file open has to find that out.
  if (journal === 'replaced')
    return begin(await withFolder(staged, setting, { before: 'release', fate: 'dies' }))
  return begin(staged)
}
