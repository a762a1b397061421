import type { Facts, Sighting } from './facts.ts'
import { authorOf, isSave, type Operation } from './operation.ts'
import { fateOf, type Violation } from './rules.ts'

/**
 * Every value that was seen was set in this session, under its name, by an operation that was not refused. Each value
 * is looked at once, when it was first seen.
 */
export function checkValues(facts: Facts): Violation[] {
  const seen = new Set<string>()
  return facts.sightings.flatMap((sighting) =>
    Object.entries(sighting.record.values).flatMap(([key, tag]) => {
      const value = `${key} ${tag}`
      if (seen.has(value)) return []
      seen.add(value)
      return wrongWith(facts, sighting, key, tag)
    }),
  )
}

function wrongWith(
  { session, byId, rules }: Facts,
  sighting: Sighting,
  key: string,
  tag: string,
): Violation[] {
  const { operation } = sighting
  const author = byId.get(authorOf(tag))
  const violation = (text: string): Violation[] => [
    { promise: 'whole', session, text, operations: author ? [author, operation] : [operation] },
  ]
  if (!author || valuesSetBy(author)[key] !== tag) {
    return violation(`It holds ${key} = ${tag} (${operation.id}), which nobody had saved there.`)
  }
  if (fateOf(author, rules) === 'undone') {
    return violation(`It holds ${key} = ${tag} (${operation.id}), of a call that was refused.`)
  }
  return []
}

function valuesSetBy(operation: Operation): Readonly<Record<string, string>> {
  if (isSave(operation)) return operation.call.change.set ?? {}
  return operation.call.verb === 'create' ? operation.call.record.values : {}
}
