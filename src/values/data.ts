import { invalidArgument } from '../errors.ts'

/** A session's values when no type is given for them: any key, any value, no casts. */
// biome-ignore lint/suspicious/noExplicitAny: `unknown` would ask for a cast at every read
export type AnyData = Record<string, any>

/** The keys that a session's values can have. */
export type KeyOf<Data extends object> = Extract<keyof Data, string>

const PREFIX = 'untorn:'

/** Keys that the library keeps for itself: part of the record, invisible to the application. */
export const reservedKeys = {
  expiry: `${PREFIX}expiry`,
  notAfter: `${PREFIX}not-after`,
  testCookie: `${PREFIX}test-cookie`,
  replaced: `${PREFIX}replaced`,
  moved: `${PREFIX}moved`,
  adopted: `${PREFIX}adopted`,
  signIn: `${PREFIX}sign-in`,
  whose: `${PREFIX}whose`,
  cookie: `${PREFIX}cookie`,
  text: `${PREFIX}text`,
  name: `${PREFIX}name`,
} as const

/**
 * Whether a name is one of these. What takes the name of a value asks this first, so what is no name is refused here:
 * throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`).
 */
export function isReserved(key: string): boolean {
  if (typeof key !== 'string')
    throw invalidArgument('key', `the name of a value is needed, as a text, not ${kindOf(key)}`)
  return key.startsWith(PREFIX)
}

/** No more than its kind: what it is may be secret. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return `${value}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const FLASH = `${PREFIX}flash:`

/** Where the messages of one name are kept that are to be shown once. */
export function flashKey(name: string): string {
  return FLASH + name
}

/** The name that the application knows a key by. */
export function nameOf(key: string): string {
  return isFlash(key) ? key.slice(FLASH.length) : key
}

/** Whether what is kept under a key is the application's, in a list of the library's. */
export function isFlash(key: string): boolean {
  return key.startsWith(FLASH)
}

const ONCE = `${PREFIX}once:`

/** Where it stands who works out a value that `once()` was asked for. */
export function onceKey(key: string): string {
  return ONCE + key
}

/** The name of the value that such a key is of. */
export function valueNameOf(onceKey: string): string {
  return onceKey.slice(ONCE.length)
}

/** Of a ticket that is there while a value is worked out: no limit of the application counts it. */
export function isPassing(key: string): boolean {
  return key.startsWith(ONCE)
}
