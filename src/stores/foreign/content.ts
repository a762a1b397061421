import type { SessionRecord } from '../../contract/record.ts'
import { Unreadable } from './unreadable.ts'

/** What a format says of a session. */
export interface Content {
  /** What JSON can say, by name. */
  values: ReadonlyMap<string, unknown>
  /** What the application has set of the session's cookie, as a text for `untorn:cookie`. */
  cookie?: string | undefined
  /** Milliseconds since the epoch. */
  expiresAt: number
  /** When it was last used, as far as is known: no format says when a session began. */
  usedAt: number
  owner?: string | undefined
}

/** Of names that untorn keeps for itself: who could plant one would make a session somebody else's. */
const RESERVED = 'untorn:'

/** Where the drop-in keeps what it knows of a session's cookie. */
export const COOKIE = 'untorn:cookie'

/** No application nests as deep, and what goes through values later does so by recursion. */
const DEEPEST = 200

/** What dates can say. */
const END_OF_TIME = 8.64e15

/** Bytes of an owner: as many as a record can have. */
const LONGEST_OWNER = 2048

/** The record of a session; throws {@link Unreadable} for what is over a limit or can't be kept as it is. */
export function recordOf(
  { values, cookie, expiresAt, usedAt, owner }: Content,
  maxBytes: number,
): SessionRecord {
  for (const time of [expiresAt, usedAt]) {
    if (!Number.isFinite(time) || Math.abs(time) > END_OF_TIME) throw new Unreadable('its time is none')
  }
  const texts = new Map<string, string>()
  let size = cookie === undefined ? 0 : COOKIE.length + Buffer.byteLength(cookie)
  for (const [name, value] of values) {
    if (name.startsWith(RESERVED)) throw new Unreadable('it has a value whose name untorn keeps for itself')
    assertPlain(name, value)
    const text = JSON.stringify(value)
    size += Buffer.byteLength(name) + Buffer.byteLength(text)
    if (size > maxBytes) throw tooLarge(maxBytes)
    texts.set(name, text)
  }
  if (cookie !== undefined) texts.set(COOKIE, cookie)
  const record: SessionRecord = {
    version: 0,
    values: texts,
    createdAt: Math.floor(usedAt),
    expiresAt: Math.floor(expiresAt),
  }
  if (owner === undefined || owner === '') return record
  if (Buffer.byteLength(JSON.stringify(owner)) > LONGEST_OWNER) throw new Unreadable('its owner is too long')
  return { ...record, owner }
}

export function tooLarge(maxBytes: number): Unreadable {
  return new Unreadable(`it has more than ${maxBytes} bytes (\`maxBytes\`)`)
}

/** JSON as a text says it; throws {@link Unreadable}. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Unreadable('it is not JSON')
  }
}

/** UTF-8, every byte of it; throws {@link Unreadable}. */
export function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Unreadable('it is not UTF-8')
  }
}

/** The names and values of an object of JSON; throws {@link Unreadable} for anything else. */
export function valuesOf(json: unknown): Map<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Unreadable('it is no object')
  return new Map(Object.entries(json))
}

/**
 * What JSON would change without a word is refused, and so is what is a trap to whoever merges objects. Not by recursion: a
 * small text nests deeper than a stack goes.
 */
function assertPlain(name: string, value: unknown): void {
  if (name === '__proto__') throw new Unreadable('it has a value named "__proto__"')
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new Unreadable(`it is nested more than ${DEEPEST} deep`)
    const next: unknown[] = []
    for (const each of level) {
      if (typeof each === 'number' && !Number.isFinite(each))
        throw new Unreadable('a number in it is too large')
      if (typeof each !== 'object' || each === null) continue
      if (Object.hasOwn(each, '__proto__')) throw new Unreadable('it has a value named "__proto__"')
      for (const inner of Object.values(each)) next.push(inner)
    }
    level = next
  }
}
