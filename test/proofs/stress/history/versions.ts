import type { Facts } from './facts.ts'
import type { Moment, Operation } from './operation.ts'
import type { Violation } from './rules.ts'
import { firstDifference, type State, stateOf } from './states.ts'

/** A version that was seen. */
export interface SeenVersion {
  version: number
  state: State
  /** The first that saw it. */
  operation: Operation
  /** It, or a later one, was there by then. */
  reachedBy: Moment
  /** It, or an earlier one, was still there after that: no later one can have been made before. */
  stillAfter: Moment
}

/** The versions that were seen, in order; and those that were seen with two different contents. */
export function versionsIn(facts: Facts): { versions: SeenVersion[]; violations: Violation[] } {
  const seen = new Map<number, SeenVersion>()
  const violations: Violation[] = []
  for (const { operation, record } of facts.sightings) {
    const { version } = record
    const same = seen.get(version)
    const state = stateOf(record)
    if (!same) {
      const [reachedBy, stillAfter] = [operation.ended, operation.begun]
      seen.set(version, { version, state, operation, reachedBy, stillAfter })
      continue
    }
    same.reachedBy = Math.min(same.reachedBy, operation.ended)
    same.stillAfter = Math.max(same.stillAfter, operation.begun)
    const difference = firstDifference(same.state, state)
    if (difference === undefined) continue
    const text = `Version ${version} was seen with two contents: ${difference} (${operation.id}, after ${same.operation.id}).`
    violations.push({
      promise: 'whole',
      session: facts.session,
      text,
      operations: [same.operation, operation],
    })
  }
  return { versions: inOrder([...seen.values()]), violations }
}

function inOrder(versions: SeenVersion[]): SeenVersion[] {
  versions.sort((a, b) => a.version - b.version)
  for (let n = 1; n < versions.length; n++) {
    versions[n]!.stillAfter = Math.max(versions[n]!.stillAfter, versions[n - 1]!.stillAfter)
  }
  for (let n = versions.length - 2; n >= 0; n--) {
    versions[n]!.reachedBy = Math.min(versions[n]!.reachedBy, versions[n + 1]!.reachedBy)
  }
  return versions
}
