import type { SessionRecord } from '../../../src/contract/record.ts'
import { settled } from '../../../src/contract/wait.ts'
import type { Pair } from '../../../src/stores/over/moving/pair.ts'
import type { SourcePair } from '../../../src/stores/over/taking/pair.ts'
import * as takeSteps from '../../../src/stores/over/taking/take.ts'
import * as takeVerbs from '../../../src/stores/over/taking/verbs.ts'
import {
  count,
  end,
  expires,
  inTurn,
  LATER,
  load,
  moves,
  remove,
  removesUnseen,
  type Script,
  save,
  set,
  type Verbs,
} from './scripts.ts'
import type { Plan } from './world.ts'

/** The steps of taking sessions from where they can only be read, for worlds that call them. */
export interface TakingSteps {
  load: typeof takeVerbs.load
  save: typeof takeVerbs.save
  create: typeof takeVerbs.create
  remove: typeof takeVerbs.remove
  take: typeof takeSteps.take
}

/** Of the store as it is. */
export const steps: TakingSteps = { ...takeVerbs, take: takeSteps.take }

/** As the verbs of a store that moves: there is one side to write to. `from` has the session, and nobody writes to it. */
export function asVerbs({ load, save, create, remove, take }: TakingSteps): Verbs {
  const loading: Verbs['loadThere'] = (pair, key) => load(numbered(pair), key, { id: 'the session' })
  const saving: Verbs['saveThere'] = (pair, key, change, ifVersion) =>
    save(numbered(pair), key, change, ifVersion)
  return {
    loadHere: loading,
    loadThere: loading,
    saveHere: saving,
    saveThere: saving,
    deleteFrom: (pair, key) => remove(numbered(pair), key),
    createIn: (_, pair, key, record) => create(numbered(pair), key, record),
    *move(pair, key) {
      // As a listing has found it, and `untorn move` then takes it.
      const found: SessionRecord | undefined = yield* settled(pair.from.load(key))
      return found && (yield* take(numbered(pair), key, found))
    },
  }
}

/** How many attempts there were in each world. */
const ATTEMPTS = new WeakMap<object, number>()

/** With attempts that are numbered and not drawn, so that a course can be replayed. */
function numbered(pair: Pair): SourcePair {
  const { to } = pair
  const newAttempt = (): number => {
    const attempt = (ATTEMPTS.get(to) ?? 0) + 1
    ATTEMPTS.set(to, attempt)
    return attempt
  }
  return { ...pair, newAttempt }
}

/** Whoever does something to a session has loaded it. */
const known = (script: Script): Script => inTurn(load('to'), script)

/** What processes do with a session that only the source has, in the beginning. */
const SCRIPTS: Record<string, Script> = {
  'looks twice': inTurn(load('to'), load('to')),
  'sets a value': known(set('to', 'a')),
  counts: count('to'),
  'ends it by its version': end('to'),
  'sets a value and extends it': known(save('to', { expiresAt: LATER, set: new Map([['c', '1']]) })),
  'ends it by a save': known(save('to', { expiresAt: 0 })),
  'deletes it, and looks': inTurn(load('to'), remove, load('to')),
  'deletes it unseen, and looks': inTurn(removesUnseen, load('to')),
  'takes it along': moves,
  'lets it expire': expires,
}

const scripts = Object.entries(SCRIPTS)

/** Each two of them, a script beside itself included; either may die, and both. */
export const TAKING: { title: string; plan: Plan }[] = scripts.flatMap(([title, script], index) =>
  scripts.slice(index).map(([other, second]) => ({
    title: `one ${title}, one ${other}`,
    plan: { processes: [script, second], deaths: 2, keepsDead: index % 3 !== 0 },
  })),
)

/** Three to five processes, which follow from a seed. */
export function takersFrom(seed: number): Plan {
  let chosen = Math.imul(seed, 2654435761) >>> 0
  const processes = Array.from({ length: 3 + (seed % 3) }, () => {
    chosen = (Math.imul(chosen, 1664525) + 1013904223) >>> 0
    return scripts[(chosen >>> 8) % scripts.length]![1]
  })
  return { processes, deaths: seed % 3, keepsDead: seed % 2 === 0 }
}
