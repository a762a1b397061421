import {
  count,
  create,
  end,
  expires,
  inTurn,
  LATER,
  load,
  moves,
  remove,
  type Script,
  type Side,
  save,
  set,
} from './scripts.ts'
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

/** Ways to use the key again, by what they write to. */
const again = (side: Side): [string, Script][] => [
  ['creates it anew', inTurn(create(side, 'new'), load(side), set(side, 'd'))],
  ['deletes it and creates it anew', inTurn(remove, create(side, 'newer'), load(side))],
  ['lets it expire and creates it anew', inTurn(expires, create(side, 'newest'), set(side, 'e'))],
]

/** Each of some beside each of others; beside themselves, each two once. */
function pairsOf(some: [string, Script][], others: [string, Script][], deaths: number): typeof PAIRS {
  return some.flatMap(([title, script], index) =>
    others.slice(some === others ? index : 0).map(([other, second]) => ({
      title: `one ${title}, one ${other}`,
      plan: { processes: [script, second], deaths, keepsDead: index % 2 !== 0, again: true },
    })),
  )
}

const named = (side: Side): [string, Script][] =>
  again(side).map(([title, script]) => [`${title}, writing to ${side}`, script])

/**
 * Each way to use the key again, beside each other and beside all else. Of two that create it in one store each, the one that
 * is second takes its record back, so that none of them may die: the README of moving says what comes of it.
 */
export const AGAIN: typeof PAIRS = [
  ...(['to', 'from'] as const).flatMap((side) => [
    ...pairsOf(named(side), scripts, 1),
    ...pairsOf(named(side), named(side), 1),
  ]),
  ...pairsOf(named('to'), named('from'), 0),
]

/** One creates a record of a key that is taken, while it moves, and somebody looks: what is taken back was never to be seen. */
export const LOOKED_AT: typeof PAIRS = (
  [
    ['moves it', moves],
    ['sets a value', set('to', 'a')],
  ] as const
).map(([title, mover]) => ({
  title: `one creates it where it is, writing to from, one ${title}, one looks`,
  plan: { processes: [create('from', 'new'), mover, load('from')], deaths: 0, keepsDead: true, again: true },
}))

/** Three to five processes, which follow from a seed. */
export function manyFrom(seed: number): Plan {
  let chosen = Math.imul(seed, 2654435761) >>> 0
  const processes = Array.from({ length: 3 + (seed % 3) }, () => {
    chosen = (Math.imul(chosen, 1664525) + 1013904223) >>> 0
    return scripts[(chosen >>> 8) % scripts.length]![1]
  })
  return { processes, deaths: seed % 3, keepsDead: seed % 2 === 0 }
}
