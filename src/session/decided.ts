import type { SessionChange, SessionRecord } from '../contract/record.ts'
import type { SessionStore } from '../contract/store.ts'
import { isNewer, type Turn } from '../contract/turns.ts'
import { isPromise, type Steps, settled } from '../contract/wait.ts'
import { saveSession } from './moved.ts'
import { beforeNextTry } from './retry.ts'
import type { Live } from './standing.ts'
import type { SessionState } from './state.ts'

/** What is decided by a record: what it comes to, with a change that has to be saved for it, or without one. */
export interface Decision<T> {
  readonly answer: T
  readonly change: SessionChange | undefined
}

/**
 * Saves what is decided by the record as it is, decided anew for as long as others are faster. Within a process they take
 * turns. `undefined`: there is no session any more.
 */
export function* saveDecided<T>(
  { policy }: SessionState,
  stored: Live,
  decide: (record: SessionRecord) => Decision<T>,
): Steps<T | undefined> {
  for (let tries = 1; ; tries++) {
    const { isOver, answer, waits } = yield* policy.turns.take(stored.key, (turn) =>
      tryDecided(policy.store, stored, decide, turn),
    )
    if (isOver) return answer
    yield* beforeNextTry(policy.settings, tries, waits)
  }
}

function* tryDecided<T>(
  store: SessionStore,
  stored: Live,
  decide: (record: SessionRecord) => Decision<T>,
  turn: Turn,
): Steps<{ isOver: boolean; answer: T | undefined; waits: boolean }> {
  if (isNewer(turn.newest, stored.record)) stored.record = turn.newest
  const { record } = stored
  const { answer, change } = decide(record)
  if (change === undefined) return { isOver: true, answer, waits: false }
  const saving = saveSession(store, stored.key, change, { ifVersion: record.version })
  const result = yield* settled(saving)
  const waits = isPromise(saving)
  if (result.outcome === 'gone') return { isOver: true, answer: undefined, waits }
  stored.record = result.record
  turn.newest = result.record
  return { isOver: result.outcome === 'saved', answer, waits }
}
