import { type Facts, firstEnd } from './facts.ts'
import { isBefore, type Violation } from './rules.ts'

/** Gone is gone: after one look that found no session, none finds it again; and it is ended only once. */
export function checkGone(facts: Facts): Violation[] {
  const { session, presences } = facts
  const violations: Violation[] = []
  const end = firstEnd(facts)
  const back = end && presences.find((presence) => isBefore(end, presence))
  if (end && back) {
    const text = `It was gone (${end.id}), and was there again afterwards (${back.id}).`
    violations.push({ promise: 'gone is gone', session, text, operations: [end, back] })
  }
  const ends = facts.deletes.filter(({ answer }) => answer?.is === 'deleted')
  if (ends.length > 1) {
    const text = 'It was deleted more than once.'
    violations.push({ promise: 'gone is gone', session, text, operations: ends.slice(0, 2) })
  }
  return violations
}
