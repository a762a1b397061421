import type { Session } from '../../src/session/session.ts'
import { STATE } from '../../src/session/view-symbols.ts'

/**
 * A session that is to have a new id by its next save or commit, as one is whose `regenerate()` has failed: so that what comes
 * between the two, and at every point of the move, can be asked of the commit.
 */
export function asksForNewId<Data extends object>(session: Session<Data>): void {
  const state = session[STATE]
  state.renewId()
  state.asked = true
  state.lookedAt = true
}
