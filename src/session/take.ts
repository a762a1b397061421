import { type MaybePromise, run, type Steps } from '../contract/wait.ts'
import { SessionConflictError, StoreUnavailableError } from '../errors.ts'
import { flashKey, nameOf } from '../values/data.ts'
import { saveDecided } from './decided.ts'
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
function* takeStored(state: SessionState, stored: Live, key: string): Steps<string | undefined> {
  if (stored.record.values.has(key)) {
    const text = yield* removed(state, stored, key)
    if (text !== undefined) {
      stored.doubtfulTakes?.delete(key)
      return text
    }
  }
  refuseDoubtful(stored, key)
  return undefined
}

function* removed(state: SessionState, stored: Live, key: string): Steps<string | undefined> {
  try {
    return yield* saveDecided(state, stored, ({ values }) => {
      const answer = values.get(key)
      return { answer, change: answer === undefined ? undefined : { delete: [key] } }
    })
  } catch (error) {
    // Where others were faster at every try it has certainly not been done.
    if (error instanceof SessionConflictError) throw error
    stored.doubtfulTakes ??= new Set()
    stored.doubtfulTakes.add(key)
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
