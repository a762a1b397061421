import type { SaveResult } from '../contract/store.ts'
import { isNewer, type Turn } from '../contract/turns.ts'
import { isPromise, type MaybePromise, run, type Steps, settled } from '../contract/wait.ts'
import { StoreUnavailableError } from '../errors.ts'
import { flashKey, nameOf } from '../values/data.ts'
import { saveSession } from './moved.ts'
import type { Policy } from './policy.ts'
import { beforeNextTry } from './retry.ts'
import type { Live } from './standing.ts'
import { inTurn, type SessionState } from './state.ts'

/** Reads a value and removes it; of all that try at once, one request gets it. */
export function take(state: SessionState, key: string): MaybePromise<unknown> {
  return inTurn(state, () => {
    const own = state.values.takeOwn(key)
    if (own !== undefined) return own.value
    const { lastStored } = state
    return lastStored === undefined ? undefined : run(takeValue(state, lastStored, key))
  })
}

/** Reads what there is to be shown once of a name; of all that try at once, one request gets each item. */
export function takeFlashes(state: SessionState, name: string): MaybePromise<unknown[]> {
  const key = flashKey(name)
  return inTurn(state, () => {
    const { lastStored, values } = state
    return lastStored === undefined ? values.takeList(key, undefined) : run(takeList(state, lastStored, key))
  })
}

function* takeValue(state: SessionState, stored: Live, key: string): Steps<unknown> {
  const text = yield* takeStored(state, stored, key)
  if (text !== undefined) return state.values.taken(key, text)
  state.values.hide(key)
  return undefined
}

function* takeList(state: SessionState, stored: Live, key: string): Steps<unknown[]> {
  const text = yield* takeStored(state, stored, key)
  return state.values.takeList(key, text)
}

/** The text that this request has removed from the record; `undefined`: there is none, or no session any more. */
function* takeStored({ policy }: SessionState, stored: Live, key: string): Steps<string | undefined> {
  for (let tries = 1; stored.record.values.has(key); tries++) {
    const { text, result, waits } = yield* policy.turns.take(stored.key, (turn) =>
      removed(policy, stored, key, turn),
    )
    if (result === undefined || result.outcome === 'gone') break
    stored.record = result.record
    if (result.outcome === 'saved') {
      stored.doubtfulTakes?.delete(key)
      return text
    }
    yield* beforeNextTry(policy.settings, tries, waits)
  }
  refuseDoubtful(stored, key)
  return undefined
}

/** One try to remove the value, which is `text`; no result: somebody has. `waits`: the store answers later. */
function* removed(
  { store }: Policy,
  stored: Live,
  name: string,
  turn: Turn,
): Steps<{ text: string; result: SaveResult | undefined; waits: boolean }> {
  if (isNewer(turn.newest, stored.record)) stored.record = turn.newest
  const { key, record } = stored
  const text = record.values.get(name)
  if (text === undefined) return { text: '', result: undefined, waits: false }
  try {
    const answer = saveSession(store, key, { delete: [name] }, { ifVersion: record.version })
    const result = yield* settled(answer)
    if (result.outcome !== 'gone') turn.newest = result.record
    return { text, result, waits: isPromise(answer) }
  } catch (error) {
    stored.doubtfulTakes ??= new Set()
    stored.doubtfulTakes.add(name)
    throw error
  }
}

/** Of a value that is not there: this request may have got it, by a call whose answer was lost. */
function refuseDoubtful({ doubtfulTakes }: Live, key: string): void {
  if (!doubtfulTakes?.has(key)) return
  throw new StoreUnavailableError(
    `The value "${nameOf(key)}" is no longer there, and an earlier call that failed may have taken it. Nobody else is told of it.`,
  )
}
