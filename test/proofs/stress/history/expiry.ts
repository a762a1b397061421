import { type Facts, firstEnd, firstSign, type Sighting } from './facts.ts'
import type { Operation } from './operation.ts'
import { fateOf, isBefore, type Violation } from './rules.ts'

/** An operation that set the expiry, or may have. */
interface Setter {
  operation: Operation
  expiresAt: number
}

interface Setters {
  all: readonly Setter[]
  byExpiry: ReadonlyMap<number, readonly Setter[]>
  /** When the latest of the acknowledged setters began that were over before the operation. */
  latestBefore: (operation: Operation) => number
}

/** A session is there until it expires, no longer and no shorter, and its expiry is what was set last. */
export function checkExpiry(facts: Facts): Violation[] {
  const setters = settersOf(facts)
  return [
    ...facts.sightings.flatMap((sighting) => expirySeen(facts, setters, sighting)),
    ...facts.presences.flatMap((presence) => thereTooLong(facts, setters, presence)),
    ...absentTooSoon(facts, setters),
  ]
}

function settersOf(facts: Facts): Setters {
  const all: Setter[] = facts.creators.map((operation) => ({
    operation,
    expiresAt: operation.call.record.expiresAt,
  }))
  for (const operation of facts.saves) {
    const { expiresAt } = operation.call.change
    if (expiresAt !== undefined) all.push({ operation, expiresAt })
  }
  const byExpiry = new Map<number, Setter[]>()
  for (const setter of all) {
    const same = byExpiry.get(setter.expiresAt)
    if (same) same.push(setter)
    else byExpiry.set(setter.expiresAt, [setter])
  }
  return { all, byExpiry, latestBefore: latestBeforeIn(facts, all) }
}

function latestBeforeIn({ rules }: Facts, setters: readonly Setter[]): Setters['latestBefore'] {
  const done = setters
    .map(({ operation }) => operation)
    .filter((operation) => fateOf(operation, rules) === 'done')
    .sort((a, b) => a.ended - b.ended)
  const latest: number[] = []
  for (const { begun } of done) latest.push(Math.max(begun, latest.at(-1) ?? begun))
  return ({ begun }) => {
    let [low, high] = [0, done.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (done[middle]!.ended < begun) low = middle + 1
      else high = middle
    }
    return low === 0 ? Number.NEGATIVE_INFINITY : latest[low - 1]!
  }
}

/** Whether a setter's expiry may be the one in force at some moment of the operation. */
function mayBeInForce({ latestBefore }: Setters, setter: Setter, operation: Operation): boolean {
  return setter.operation.begun < operation.ended && setter.operation.ended >= latestBefore(operation)
}

function expirySeen({ session }: Facts, setters: Setters, { operation, record }: Sighting): Violation[] {
  const authors = setters.byExpiry.get(record.expiresAt) ?? []
  if (authors.some((setter) => mayBeInForce(setters, setter, operation))) return []
  const known = authors.filter((setter) => setter.operation.begun < operation.ended)
  const text =
    known.length === 0
      ? `It expired at ${record.expiresAt} (${operation.id}), which nobody had set.`
      : `It had the expiry of ${known[0]!.operation.id} (${operation.id}), which had been replaced before.`
  const promise = known.length === 0 ? 'whole' : 'nothing lost'
  return [
    { promise, session, text, operations: [...known.slice(0, 1).map((one) => one.operation), operation] },
  ]
}

function thereTooLong({ session }: Facts, setters: Setters, presence: Operation): Violation[] {
  const { call, answer, wallBegun } = presence
  // One that sets the expiry answers with the one that it set, and went by the one before.
  const own = call.verb === 'save' ? call.change.expiresAt : undefined
  const seen = answer && 'record' in answer && own === undefined ? answer.record.expiresAt : undefined
  const latest =
    seen ??
    setters.all
      .filter((setter) => setter.operation !== presence && mayBeInForce(setters, setter, presence))
      .reduce((most, { expiresAt }) => Math.max(most, expiresAt), 0)
  if (latest > wallBegun) return []
  const text = `It was there (${presence.id}) ${wallBegun - latest} ms after it had expired.`
  return [{ promise: 'expiry', session, text, operations: [presence] }]
}

/** Once it is known to be over, absence is what has to be: `checkGone` sees to that. */
function absentTooSoon(facts: Facts, setters: Setters): Violation[] {
  const { session, absences, deletes } = facts
  const [sign, end] = [firstSign(facts), firstEnd(facts)]
  return absences
    .filter((absence) => sign && isBefore(sign, absence) && !(end && isBefore(end, absence)))
    .filter((absence) => !deletes.some(({ begun }) => begun < absence.ended))
    .filter(
      (absence) =>
        !setters.all.some(
          (setter) => setter.expiresAt <= absence.wallEnded && mayBeInForce(setters, setter, absence),
        ),
    )
    .map((absence) => ({
      promise: 'nothing lost',
      session,
      text: `It was absent (${absence.id}) though it had neither expired nor been deleted.`,
      operations: [absence],
    }))
}
