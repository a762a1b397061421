import type { Facts, Sighting } from './facts.ts'
import type { Violation } from './rules.ts'
import type { Maker } from './states.ts'

/**
 * What was seen is not older than what had been seen before it was asked for, by anybody, and not newer than what had
 * begun before it was answered.
 */
export function checkOrder(facts: Facts, makers: ReadonlyMap<number, Maker>): Violation[] {
  return [...tooOld(facts), ...tooNew(facts, makers)]
}

function tooOld({ session, sightings }: Facts): Violation[] {
  const byEnd = [...sightings].sort((a, b) => a.operation.ended - b.operation.ended)
  const violations: Violation[] = []
  let newest: Sighting | undefined
  let ended = 0
  for (const sighting of sightings) {
    for (; byEnd[ended] && byEnd[ended]!.operation.ended < sighting.operation.begun; ended++) {
      if (!newest || byEnd[ended]!.record.version > newest.record.version) newest = byEnd[ended]
    }
    if (!newest || sighting.record.version >= newest.record.version) continue
    const [before, now] = [newest.operation, sighting.operation]
    const text =
      `It had version ${sighting.record.version} (${now.id}) when version ${newest.record.version} had been seen ` +
      `already (${before.id}).`
    violations.push({ promise: 'in order of time', session, text, operations: [before, now] })
  }
  return violations
}

function tooNew({ session, sightings }: Facts, makers: ReadonlyMap<number, Maker>): Violation[] {
  const latest = latestBeginnings(makers)
  return sightings.flatMap(({ operation, record }) => {
    const maker = latest.get(record.version)
    if (!maker || maker.begun <= operation.ended) return []
    const text = `It had version ${record.version} (${operation.id}) before ${maker.id} began, whose change is in it.`
    return [{ promise: 'in order of time', session, text, operations: [operation, maker] }]
  })
}

/** For each version the change up to it that began last. */
function latestBeginnings(makers: ReadonlyMap<number, Maker>): Map<number, Maker> {
  const latest = new Map<number, Maker>()
  let last: Maker | undefined
  for (const version of [...makers.keys()].sort((a, b) => a - b)) {
    const maker = makers.get(version)!
    if (!last || maker.begun > last.begun) last = maker
    latest.set(version, last)
  }
  return latest
}
