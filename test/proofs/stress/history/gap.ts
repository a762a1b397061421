import { isSame, type Maker, type State, stateAfter } from './states.ts'

/** What lies between two states of a session that are known. */
export interface Gap {
  /** `undefined`: the session is not created yet. */
  before: State | undefined
  after: State
  /** The versions to make, both included. */
  first: number
  last: number
  /** Who is known to have made a version. */
  known: ReadonlyMap<number, Maker>
  /** Who may have made one of the others. */
  candidates: readonly Maker[]
}

/** More tries than this for one gap take too long. */
const MOST_TRIES = 20_000

/**
 * An order of the candidates that leads from the state before to the state after: who made which version. Of several
 * orders that would, any: the states between them were never seen.
 */
export function fillGap(gap: Gap): Map<number, Maker> | 'impossible' | 'undecided' {
  const order: Maker[] = []
  let tries = 0
  const fill = (place: number, state: State | undefined): boolean => {
    if (place > gap.last) return state !== undefined && isSame(state, gap.after)
    const known = gap.known.get(place)
    for (const maker of known ? [known] : gap.candidates) {
      if (++tries > MOST_TRIES) return false
      if (order.includes(maker) || !mayMake(maker, place)) continue
      const next = stateAfter(state, maker)
      if (!next) continue
      order.push(maker)
      if (fill(place + 1, next)) return true
      order.pop()
    }
    return false
  }
  if (fill(gap.first, gap.before)) return new Map(order.map((maker, n) => [gap.first + n, maker]))
  return tries > MOST_TRIES ? 'undecided' : 'impossible'
}

/** A conditional save makes the version after the one that it names, and no other. */
export function mayMake({ call }: Maker, version: number): boolean {
  return call.verb === 'create' || call.ifVersion === undefined || call.ifVersion === version - 1
}
