import { factsOf, firstEnd, firstSign } from './facts.ts'
import type { Listing, Operation, SessionHistory } from './operation.ts'
import { isBefore, type Rules } from './rules.ts'

/**
 * The histories with what the passes through all sessions say of each: that it was there; or that it was not, where it
 * was known to exist before the pass began, and not known to be over.
 */
export function withListings(
  sessions: readonly SessionHistory[],
  listings: readonly Listing[],
  rules: Rules,
): SessionHistory[] {
  return sessions.map((session) => {
    const facts = factsOf(session, rules)
    const [sign, end] = [firstSign(facts), firstEnd(facts)]
    const looks = listings.flatMap((listing): Operation[] => {
      const { records, place, ...look } = listing
      if (place !== session.place) return []
      const record = records.get(session.name)
      if (record) return [{ ...look, call: { verb: 'list' }, answer: { is: 'found', record } }]
      const absent: Operation = { ...look, call: { verb: 'list' }, answer: { is: 'absent' } }
      const says = sign !== undefined && isBefore(sign, absent) && !(end && isBefore(end, absent))
      return says ? [absent] : []
    })
    return { ...session, operations: [...session.operations, ...looks] }
  })
}

/** Sessions that a pass met and that nobody ever tried to create. */
export function strangersIn(
  sessions: readonly SessionHistory[],
  listings: readonly Listing[],
): SessionHistory[] {
  const known = new Set(sessions.map(({ name }) => name))
  return listings.flatMap(({ records, place }) =>
    [...records.keys()].filter((name) => !known.has(name)).map((name) => ({ name, place, operations: [] })),
  )
}
