import { Candidates } from './candidates.ts'
import type { Facts } from './facts.ts'
import { fillGap, mayMake } from './gap.ts'
import { changesValues } from './operation.ts'
import type { Violation } from './rules.ts'
import { firstDifference, type Maker, stateAfter } from './states.ts'
import { type SeenVersion, versionsIn } from './versions.ts'

/** The versions of a session in the order of their commits, with who made each. */
export interface Chain {
  makers: ReadonlyMap<number, Maker>
  violations: Violation[]
  /** Gaps between seen versions with too many possible orders to try them all. */
  undecided: number
}

/**
 * Chains the versions. An acknowledged save answered with the version that it made, and with the record, so its place
 * is known; what was never acknowledged fills the places that are left, each at most one. Every record that was seen
 * has to be what the changes up to its version make.
 */
export function chainOf(facts: Facts): Chain {
  const makers = new Map<number, Maker>()
  const violations = takePlaces(facts, makers)
  const { versions, violations: unlike } = versionsIn(facts)
  violations.push(...unlike)
  const unanswered = new Candidates(facts, versions)
  let undecided = 0
  let before: SeenVersion | undefined
  for (const after of versions) {
    const first = (before?.version ?? -1) + 1
    const known = isComplete(makers, first, after.version)
    const candidates = known ? [] : unanswered.between(before, after)
    const { version: last, state } = after
    const filled = fillGap({ before: before?.state, after: state, first, last, known: makers, candidates })
    if (filled === 'undecided') undecided++
    else if (filled === 'impossible') violations.push(broken(facts, makers, before, after))
    else {
      for (const [version, maker] of filled) makers.set(version, maker)
      unanswered.placed(filled.values())
    }
    before = after
  }
  return { makers, violations, undecided }
}

/** Gives every acknowledged change its place, and finds those that can't have theirs. */
function takePlaces({ session, creators, saves }: Facts, makers: Map<number, Maker>): Violation[] {
  const violations: Violation[] = []
  for (const created of creators) if (created.answer?.is === 'created') makers.set(0, created)
  for (const save of saves) {
    const { answer, call } = save
    if (answer?.is !== 'saved') continue
    const { version } = answer.record
    const place = changesValues(call.change) ? version : version + 1
    if (!mayMake(save, place)) {
      const text = `A save only if the version is ${call.ifVersion} (${save.id}) went through on version ${place - 1}.`
      violations.push({ promise: 'exactly once', session, text, operations: [save] })
    }
    if (!changesValues(call.change)) continue
    const other = makers.get(version)
    if (other) violations.push(twice(session, version, other, save))
    makers.set(version, save)
  }
  return violations
}

function twice(session: string, version: number, first: Maker, second: Maker): Violation {
  const named = (maker: Maker): number | undefined =>
    maker.call.verb === 'save' ? maker.call.ifVersion : undefined
  const conditional = named(first) !== undefined && named(first) === named(second)
  return {
    promise: conditional ? 'exactly once' : 'nothing lost',
    session,
    text: conditional
      ? `Two saves only if the version is ${named(first)} went through, ${first.id} and ${second.id}.`
      : `Version ${version} was acknowledged twice, to ${first.id} and to ${second.id}: one of the two is lost.`,
    operations: [first, second],
  }
}

function isComplete(makers: ReadonlyMap<number, Maker>, first: number, last: number): boolean {
  for (let version = last; version >= first; version--) if (!makers.has(version)) return false
  return true
}

function broken(
  { session }: Facts,
  makers: ReadonlyMap<number, Maker>,
  before: SeenVersion | undefined,
  after: SeenVersion,
): Violation {
  const maker = makers.get(after.version)
  const first = (before?.version ?? -1) + 1
  const operations = [before?.operation, maker, after.operation].filter((one) => one !== undefined)
  const wanted = first === after.version && maker ? stateAfter(before?.state, maker) : undefined
  const text = wanted
    ? `Version ${after.version} (${after.operation.id}) is not what ${maker!.id} makes of the version before: ` +
      `${firstDifference(wanted, after.state)}.`
    : `Version ${after.version} (${after.operation.id}) can't be made of ` +
      `${before ? `version ${before.version} (${before.operation.id})` : 'what was created'}: nothing that was ` +
      `acknowledged, and no order of what was not, leads from the one to the other.`
  return { promise: 'nothing lost', session, text, operations: [...new Set(operations)] }
}
