import { idWithin, keyOfNoSession, type SessionKey } from '../contract/key.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { NO_VALUES } from '../values/values.ts'
import { NOTED_FOR } from './replaced.ts'
import type { SessionState } from './state.ts'

/*
 * A cookie is dead when no store knows its id: the session has expired, was signed out elsewhere, or was lost. It is removed
 * with the answer, so that the client shows it once. But a page asks for many things at a time: where one of its requests
 * begins a session, the answer of a slower one would remove the new cookie. So who begins a session in the place of a dead
 * cookie notes that, and who is about to remove one looks for the note.
 */

/** Notes that the client has another cookie in the place of its dead ones. It is no reason to fail: the session is stored. */
export function* noteBegun(state: SessionState): Steps<void> {
  const { store, clock, app, report } = state.policy
  const createdAt = clock.known
  for (const id of state.dead) {
    try {
      const note = { values: NO_VALUES, createdAt, expiresAt: createdAt + NOTED_FOR }
      yield* settled(store.create(begunKey(id, app), note))
    } catch (error) {
      report({ type: 'error', error })
    }
  }
}

/** Whether the client still has the dead cookie only, as far as can be known: if the store can't say, it may have another. */
export function* hasNothingElse(state: SessionState): Steps<boolean> {
  const { store, app, report } = state.policy
  try {
    for (const id of state.dead)
      if ((yield* settled(store.load(begunKey(id, app)))) !== undefined) return false
    return true
  } catch (error) {
    report({ type: 'error', error })
    return false
  }
}

/** No id has a space in it, so none that a client sends leads here; and who lists or counts sessions leaves it out. */
function begunKey(id: string, app: string | undefined): SessionKey {
  return keyOfNoSession(`begun ${idWithin(app, id)}`)
}
