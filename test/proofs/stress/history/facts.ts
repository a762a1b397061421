import {
  type Create,
  isCreate,
  isSave,
  type Operation,
  recordIn,
  type Save,
  type SeenRecord,
  type SessionHistory,
} from './operation.ts'
import { fateOf, isBefore, type Rules } from './rules.ts'

/** An operation that showed the record, and the record. */
export interface Sighting {
  operation: Operation
  record: SeenRecord
}

/** A session's history, sorted by what the checks look for. Each list is in the order of the operations' beginnings. */
export interface Facts {
  rules: Rules
  session: string
  operations: readonly Operation[]
  byId: ReadonlyMap<string, Operation>
  /** All that may have made the session; those that were refused are not among them. */
  creators: readonly Create[]
  /** All saves that changed it, or may have. */
  saves: readonly Save[]
  sightings: readonly Sighting[]
  /** Those that showed that there is a session, with a record or without. */
  presences: readonly Operation[]
  /** Those that showed that there is none. */
  absences: readonly Operation[]
  /** Those that ended it, or may have. */
  deletes: readonly Operation[]
}

const PRESENT = new Set(['found', 'there', 'saved', 'conflict', 'deleted'])
const ABSENT = new Set(['absent', 'gone', 'none'])

export function factsOf({ name, operations: unsorted }: SessionHistory, rules: Rules): Facts {
  const operations = [...unsorted].sort((a, b) => a.begun - b.begun)
  const effective = operations.filter((operation) => fateOf(operation, rules) !== 'undone')
  return {
    rules,
    session: name,
    operations,
    byId: new Map(operations.map((operation) => [operation.id, operation])),
    creators: effective.filter(isCreate),
    saves: effective.filter(isSave),
    sightings: operations.flatMap((operation) => {
      const record = recordIn(operation.answer)
      return record ? [{ operation, record }] : []
    }),
    presences: operations.filter(({ answer }) => answer !== undefined && PRESENT.has(answer.is)),
    absences: operations.filter(({ answer }) => answer !== undefined && ABSENT.has(answer.is)),
    deletes: effective.filter(({ call }) => call.verb === 'delete'),
  }
}

/** The operation that was the first to know that the session exists. */
export function firstSign({ creators, presences }: Facts): Operation | undefined {
  return firstToEnd([...creators.filter(({ answer }) => answer?.is === 'created'), ...presences])
}

/**
 * The operation that was the first to know that the session is over. One that was not created yet is absent too: only
 * what began after it was known to exist counts. Nor is it the end where a pass through all sessions leaves one out that
 * has expired: it ends nothing, and the session may still be extended by a save that began before that.
 */
export function firstEnd(facts: Facts): Operation | undefined {
  const sign = firstSign(facts)
  return firstToEnd([
    ...facts.absences.filter((absence) => sign && isBefore(sign, absence) && absence.call.verb !== 'list'),
    ...facts.deletes.filter(({ answer }) => answer?.is === 'deleted'),
  ])
}

function firstToEnd(operations: readonly Operation[]): Operation | undefined {
  let first: Operation | undefined
  for (const operation of operations) if (!first || operation.ended < first.ended) first = operation
  return first
}
