import { types } from 'node:util'
import { invalidArgument } from '../errors.ts'
import { isSessionKey, type SessionKey } from './key.ts'
import type { NewRecord, SessionChange } from './record.ts'
import type { SaveOptions } from './store.ts'

/**
 * What every verb of every store begins with, before anything is read or written: a mistake of a program is told alike,
 * wherever sessions are kept, and leaves nothing behind. Each throws a `TypeError` (code `UNTORN_INVALID_ARGUMENT`) that
 * names the argument and quotes nothing of it, as it may be a session id or a value.
 */

/** An id that got further would be stored in the clear, and any other text might name a file elsewhere. */
export function assertSessionKey(key: unknown): asserts key is SessionKey {
  if (isSessionKey(key)) return
  throw invalidArgument(
    'key',
    'a session key is needed (the lower-case hex SHA-256 that `sessionKey(id)` returns), not an id or another text',
  )
}

/** What `create` is given. */
export function assertNewRecord(record: NewRecord): void {
  assertObject('record', record)
  const { values, createdAt, expiresAt, version, owner } = record
  if (!areTexts(values)) throw invalidArgument('record.values', TEXTS)
  if (!Number.isFinite(createdAt)) throw invalidArgument('record.createdAt', TIME)
  if (!Number.isFinite(expiresAt)) throw invalidArgument('record.expiresAt', TIME)
  if (version !== undefined && !isVersion(version)) throw invalidArgument('record.version', VERSION)
  if (owner !== undefined) assertOwnerOf('record.owner', owner, OWNER)
}

/** What `save` is given. */
export function assertChange(change: SessionChange, options: SaveOptions | undefined): void {
  assertObject('change', change)
  const { set, delete: names, expiresAt, owner } = change
  if (set !== undefined && !areTexts(set)) throw invalidArgument('change.set', TEXTS)
  if (names !== undefined && !areNames(names))
    throw invalidArgument('change.delete', 'an array of texts is needed')
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) throw invalidArgument('change.expiresAt', TIME)
  if (owner !== undefined && owner !== null) {
    assertOwnerOf('change.owner', owner, 'a text is needed, or null to take it away')
  }
  if (options === undefined) return
  assertObject('options', options)
  const { ifVersion } = options
  if (ifVersion !== undefined && !isVersion(ifVersion)) throw invalidArgument('options.ifVersion', VERSION)
}

/** What `byOwner` is given. */
export function assertOwner(owner: unknown): asserts owner is string {
  assertOwnerOf('owner', owner, OWNER)
}

const TEXTS = 'a Map of texts to texts is needed'
const TIME = 'a finite number of milliseconds since the epoch is needed'
const VERSION = 'a whole number from 0 on is needed'
const OWNER = 'a text is needed'

/** Bytes, as it stands in JSON: what an index of PostgreSQL has room for, whatever has to be escaped there. */
const LONGEST_OWNER = 2048
/** Of one UTF-16 unit in JSON. */
const MOST_BYTES = 6
const QUOTES = 2

function assertObject(argument: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw invalidArgument(argument, 'an object is needed')
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function assertOwnerOf(argument: string, owner: unknown, needed: string): asserts owner is string {
  if (typeof owner !== 'string') throw invalidArgument(argument, needed)
  if (owner.length * MOST_BYTES <= LONGEST_OWNER) return
  if (Buffer.byteLength(JSON.stringify(owner)) - QUOTES <= LONGEST_OWNER) return
  throw invalidArgument(
    argument,
    `it has more than ${LONGEST_OWNER} bytes; take a short name of the user, such as an id`,
  )
}

/** Of another realm (Jest has one) a Map is another class, but a Map all the same. */
function areTexts(values: unknown): boolean {
  if (!(values instanceof Map || types.isMap(values))) return false
  for (const [name, text] of values) if (typeof name !== 'string' || typeof text !== 'string') return false
  return true
}

function areNames(names: unknown): boolean {
  if (!Array.isArray(names)) return false
  for (const name of names) if (typeof name !== 'string') return false
  return true
}
