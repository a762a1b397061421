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

/** Where a request keeps its sessions. Of every copy of this code: each finds what another one did (across-copies.ts). */
const SLOT = Symbol.for('untorn.elysia')

type Slots = { [SLOT]?: Shown[] }

/** The sessions of a request; `undefined`: nobody stands around its handlers who will add to its answer. */
export function shownOn(request: object): Shown[] | undefined {
  return (request as Slots)[SLOT]
}

/** Says that somebody does; `false`: somebody did before. */
export function begin(request: object): boolean {
  const slots = request as Slots
  if (slots[SLOT] !== undefined) return false
  slots[SLOT] = []
  return true
}

/** Its answer is made: who gives the same request to the application once more begins anew. */
export function end(request: object): void {
  delete (request as Slots)[SLOT]
}
