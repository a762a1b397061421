import type { FetchRequest } from '../fetch/host.ts'
import type { CommittedSession } from '../request/committed-session.ts'
import type { PlainSession } from '../request/plain-session.ts'

/** A session of a request, and the property of its context that shows it. */
export interface Shown {
  readonly as: string
  readonly session: CommittedSession<object, FetchRequest>
  readonly plain: PlainSession<object>
  /** It could not be saved, and an error is answered in the handler's place. */
  failed: boolean
}

/** What is around all that answers a request. */
interface Around {
  readonly sessions: Shown[]
  /** How many applications answer the same request within a handler: their answers are for that handler, and not for the client. */
  within: number
}

/** Where a request keeps it. Of every copy of this code: each finds what another one did (across-copies.ts). */
const SLOT = Symbol.for('untorn.elysia')

type Slots = { [SLOT]?: Around }

/** The sessions of a request; `undefined`: nobody stands around its handlers who will add to its answer. */
export function shownOn(request: object): Shown[] | undefined {
  return (request as Slots)[SLOT]?.sessions
}

/** Those of them that are to be committed to the answer of a handler; none where that is within another one. */
export function shownOutermost(request: object): readonly Shown[] {
  const around = (request as Slots)[SLOT]
  return around === undefined || around.within > 0 ? [] : around.sessions
}

/** Says that somebody does; `false`: somebody did before, and who asks now is within a handler. */
export function begin(request: object): boolean {
  const slots = request as Slots
  if (slots[SLOT] !== undefined) {
    slots[SLOT].within++
    return false
  }
  slots[SLOT] = { sessions: [], within: 0 }
  return true
}

/** Its answer is made: who gives the same request to the application once more begins anew. */
export function end(request: object): void {
  const slots = request as Slots
  const { sessions, within } = slots[SLOT]!
  if (within > 0) {
    slots[SLOT]!.within--
    return
  }
  for (const { session } of sessions) session.release()
  delete slots[SLOT]
}
