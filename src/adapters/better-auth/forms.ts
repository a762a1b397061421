import { sessionKey } from '../../contract/key.ts'
import { invalidArgument } from '../../errors.ts'
import { reservedKeys } from '../../values/data.ts'
import type { Texts } from '../kept/difference.ts'
import { jsonOf, storedJson, unreadable } from '../kept/json.ts'

/*
 * What better-auth keeps, and as which values of a record it is kept here. A session is `{ session, user }`: each of the two is
 * a value, as a refresh changes the one and a new name the other. Of the list of a user's sessions each entry is a value.
 */

const LIST = 'active-sessions-'
/** As errors call one. */
const LIST_NAME = 'active-sessions'
const REVOKED = 'revoked-sessions-before-'

/** One of the sessions of a user. */
export interface Entry {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export const isList = (key: string): boolean => key.startsWith(LIST)

/** Whether it is the moment before which sessions of a user are valid no more. */
export const isRevokedBefore = (key: string): boolean => key.startsWith(REVOKED)

/** Whether it may be the token of a session: verifications and counters have a sign in their names that no token has. */
export const mayBeToken = (key: string): boolean => !isList(key) && !isRevokedBefore(key) && !/[:|]/.test(key)

/** The number that a value of no particular form says. */
export function numberIn(texts: Texts | undefined): number {
  const text = texts?.get(reservedKeys.text)
  return text === undefined ? 0 : Number(storedJson(reservedKeys.text, text)) || 0
}

/** A value of no particular form. */
export function plainTexts(value: string): Texts {
  return new Map([[reservedKeys.text, JSON.stringify(value)]])
}

/** The values of a session under its own token; `undefined`: it is something else. */
export function sessionTexts(token: string, value: string): Texts | undefined {
  const content = parsed(value)
  if (!isObject(content) || !isObject(content.session) || content.session.token !== token) return undefined
  return new Map(Object.entries(content).map(([name, part]) => [name, jsonOf(name, part)!]))
}

/** Each entry under the hash of its token: what shows names of values shows no token. Throws `TypeError`. */
export function listTexts(value: string): Map<string, string> {
  const list = parsed(value)
  if (!Array.isArray(list) || !list.every(isEntry)) {
    throw invalidArgument('value', 'a list of sessions is needed, each with its token and its end')
  }
  return new Map(list.map((entry) => [sessionKey(entry.token), JSON.stringify(entry)]))
}

/** Throws `NotSerialisableError`. */
export function entryOf(text: string): Entry {
  const entry = storedJson(LIST_NAME, text)
  if (!isEntry(entry)) throw unreadable(LIST_NAME)
  return entry
}

/** Of a list what can be read: an entry that can't hides none of the others. `left`: told of each that is left out. */
export function readableList(texts: Texts, left: (error: unknown) => void = () => {}): Texts {
  const isReadable = (text: string): boolean => {
    try {
      entryOf(text)
      return true
    } catch (error) {
      left(error)
      return false
    }
  }
  return new Map([...texts].filter(([, text]) => isReadable(text)))
}

/** How long a list is needed, in milliseconds from now: as long as the session that ends last. */
export function lifeOfList(texts: Texts): number {
  let end = 0
  // Not all at once: of so many arguments as a list may have, no function can be called.
  for (const text of readableList(texts).values()) end = Math.max(end, entryOf(text).expiresAt)
  return end - Date.now()
}

/** As better-auth has written it. */
export function writtenAs(key: string, texts: Texts): string {
  if (isList(key)) {
    const list = [...readableList(texts).values()].map(entryOf)
    return JSON.stringify(list.sort((one, other) => one.expiresAt - other.expiresAt))
  }
  const text = texts.get(reservedKeys.text)
  if (text !== undefined) return storedJson(reservedKeys.text, text) as string
  return `{${[...texts].map(([name, part]) => `${JSON.stringify(name)}:${part}`).join(',')}}`
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEntry(value: unknown): value is Entry {
  return isObject(value) && typeof value.token === 'string' && typeof value.expiresAt === 'number'
}
