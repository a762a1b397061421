import { changesValues, type NewRecord, type SessionChange } from '../../contract/record.ts'
import { fieldOf, metaOf, OWNER, pushFields } from './layout.ts'
import { held } from './texts.ts'

/** What follows the first two arguments of the script that creates. */
export function creationArguments(record: NewRecord): string[] {
  const { version = 0, createdAt, expiresAt, values, owner } = record
  const args = [metaOf(version, createdAt, expiresAt), serverExpiry(expiresAt)]
  if (owner !== undefined) args.push(OWNER, held(owner))
  pushFields(values, args)
  return args
}

/** What follows the first two arguments of the script that saves. */
export function saveArguments(change: SessionChange, ifVersion: number | undefined): string[] {
  const { set, delete: names = [], expiresAt, owner } = change
  // What is both deleted and set is set.
  const deleted = names.filter((name) => !set?.has(name)).map(fieldOf)
  if (owner === null) deleted.push(OWNER)
  const args = [
    ifVersion === undefined ? '' : String(ifVersion),
    expiresAt === undefined ? '' : String(expiresAt),
    expiresAt === undefined ? '' : serverExpiry(expiresAt),
    changesValues(change) ? '1' : '0',
    String(deleted.length),
    ...deleted,
  ]
  if (typeof owner === 'string') args.push(OWNER, held(owner))
  pushFields(set, args)
  return args
}

/**
 * For PEXPIREAT, which takes whole milliseconds. Redis keeps a key up to and including its last one, and a session is
 * absent from the moment that it expires at.
 */
function serverExpiry(expiresAt: number): string {
  return String(Math.min(Math.max(Math.ceil(expiresAt) - 1, 1), Number.MAX_SAFE_INTEGER))
}
