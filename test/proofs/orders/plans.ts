import { count, end, expires, inTurn, LATER, load, moves, remove, type Script, save, set } from './scripts.ts'
import type { Plan } from './world.ts'

/** What processes do with the session, by what they write to where they can. */
const SCRIPTS: Record<string, Script> = {
  'sets a value': set('to', 'a'),
  'sets a value, writing to from': set('from', 'b'),
  counts: count('to'),
  'counts, writing to from': count('from'),
  'looks twice': inTurn(load('to'), load('from')),
  'looks twice, in from first': inTurn(load('from'), load('to')),
  'ends it by its version': end('to'),
  'ends it by its version, writing to from': end('from'),
  'sets a value and extends it': save('to', { expiresAt: LATER, set: new Map([['c', '1']]) }),
  'extends it, writing to from': save('from', { expiresAt: LATER }),
  'ends it by a save': save('to', { expiresAt: 0 }),
  'ends it by a save, writing to from': save('from', { expiresAt: 0 }),
  'takes its owner': save('to', { owner: null }),
  'deletes it': remove,
  'moves it': moves,
  'lets it expire': expires,
}

const scripts = Object.entries(SCRIPTS)

/** Each two of them, a script beside itself included; either may die, and both. */
export const PAIRS: { title: string; plan: Plan }[] = scripts.flatMap(([title, script], index) =>
  scripts.slice(index).map(([other, second]) => ({
    title: `one ${title}, one ${other}`,
    // What keeps its key after it has expired takes the longer ways; every third pair has a store that doesn't.
    plan: { processes: [script, second], deaths: 2, keepsDead: index % 3 !== 0 },
  })),
)

/** Three to five processes, which follow from a seed. */
export function manyFrom(seed: number): Plan {
  let chosen = Math.imul(seed, 2654435761) >>> 0
  const processes = Array.from({ length: 3 + (seed % 3) }, () => {
    chosen = (Math.imul(chosen, 1664525) + 1013904223) >>> 0
    return scripts[(chosen >>> 8) % scripts.length]![1]
  })
  return { processes, deaths: seed % 3, keepsDead: seed % 2 === 0 }
}
