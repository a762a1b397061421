import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../contract/record.ts'
import { StoreConfigError } from '../../../errors.ts'

/** In the record in `from`: it is being moved or has been, and never changes any more. */
const SEALED = 'untorn:sealed'
/** In the record in `to`: a copy that is no session yet. */
const PENDING = 'untorn:pending'

/**
 * How far apart the versions of copies of one session are: no copy ever gets to the versions of another one, nor do those
 * that the record in `from` gets while it is moved.
 */
export const VERSIONS_APART = 2 ** 16

/** What the record in `from` says of its move. */
export interface Seal {
  /** The session's version before the first seal: the last that anybody was shown from there. */
  version: number
  /** How many tries to copy it there were; each is given its number by a seal of its own. */
  attempts: number
  /** The attempt whose copy is the session now. None yet: the session is what this record says. */
  chosen?: number
}

/** What a copy in `to` says of itself. */
export interface Pending {
  /** The session's version in `from`. */
  version: number
  attempt: number
  /** Of one that was taken from a source: when the session ends there. */
  until?: number
}

/** Of a record in `from`. */
export function sealOf(record: SessionRecord): Seal | undefined {
  refuse(PENDING, record)
  return markOf<Seal>(record, SEALED, ['version', 'attempts'])
}

/** Of a record in `to`. */
export function pendingOf(record: SessionRecord): Pending | undefined {
  refuse(SEALED, record)
  return markOf<Pending>(record, PENDING, ['version', 'attempt'])
}

/** What a move the other way has left is no session any more, or none yet. */
function refuse(mark: string, { values }: SessionRecord): void {
  if (!values.has(mark)) return
  throw new StoreConfigError(
    `A session is marked as being moved the other way ("${mark}"): finish that move first, with \`npx untorn move\` from ` +
      'the store that was left then to the other.',
  )
}

/** A mark of another form is one of a later release: to guess what it means could bring a dead session back. */
function markOf<Mark>(record: SessionRecord, name: string, numbers: readonly string[]): Mark | undefined {
  const text = record.values.get(name)
  if (text === undefined) return undefined
  const mark = parsed(text)
  if (numbers.every((each) => Number.isSafeInteger(mark[each]))) return mark as Mark
  throw new StoreConfigError(
    `A session is marked as being moved ("${name}") in a form that this release of untorn does not know. Use the ` +
      'release that moves it.',
  )
}

function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

/** The change that seals a record in `from`, or says more of its move. */
export function sealWith(seal: Seal): SessionChange {
  return { set: new Map([[SEALED, JSON.stringify(seal)]]) }
}

/** The change that makes a copy the session. */
export const activation: SessionChange = { delete: [PENDING] }

/** The copy that an attempt puts into `to`: with all that the sealed record has. */
export function pendingCopy(sealed: SessionRecord, { version, attempts: attempt }: Seal): PendingRecord {
  return copyWith({ version, attempt }, { ...sealed, values: without(SEALED, sealed.values) })
}

/** A copy with a mark of its own. */
export function copyWith(mark: Pending, record: SessionRecord): PendingRecord {
  const values = new Map(record.values).set(PENDING, JSON.stringify(mark))
  return { ...record, values, version: firstVersion(mark) }
}

export type PendingRecord = NewRecord & { version: number }

/** Of attempts at one record none are as far apart. */
const MOST_ATTEMPTS = 64

/**
 * The number that the attempts at a record begin after. A key of what is no session may have had another record before: a
 * copy of that one, made late by a process that slept, must not pass for one of this. So they are counted from when it
 * was created.
 */
export function attemptsBefore(key: SessionKey, { createdAt }: SessionRecord): number {
  return isNoSession(key) ? Math.floor(Math.max(0, createdAt)) % 2 ** 30 : 0
}

/** Whether a copy is of the record that has this seal, and not of one that had the key before. */
export function isAttemptAt({ version, attempts }: Seal, mark: Pending): boolean {
  return mark.version === version && mark.attempt <= attempts && mark.attempt > attempts - MOST_ATTEMPTS
}

/** The version that a copy begins with. */
export function firstVersion({ version, attempt }: Pending): number {
  return version + attempt * VERSIONS_APART
}

/** The version that a copy has as a session, if nobody has changed it. */
export function unchangedVersion(mark: Pending): number {
  return firstVersion(mark) + 1
}

/** Whether a version is one of this copy, and not of another one. */
export function isVersionOf(mark: Pending, version: number): boolean {
  return version >= firstVersion(mark) && version < firstVersion(mark) + VERSIONS_APART
}

/** A record in `from` as the session that it is until a copy is chosen. */
export function withoutSeal(record: SessionRecord, { version }: Seal): SessionRecord {
  return { ...record, version, values: without(SEALED, record.values) }
}

export function withoutPending(record: SessionRecord): SessionRecord {
  return { ...record, values: without(PENDING, record.values) }
}

function without(name: string, values: SessionRecord['values']): Map<string, string> {
  const others = new Map(values)
  others.delete(name)
  return others
}

/** Whether a record is part of a move that is not over. */
export function isMarked({ values }: SessionRecord): boolean {
  return values.has(SEALED) || values.has(PENDING)
}
