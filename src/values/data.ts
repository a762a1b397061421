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
} as const

export function isReserved(key: string): boolean {
  return key.startsWith(PREFIX)
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

/** Of a ticket that is there while a value is worked out: no limit of the application counts it. */
export function isPassing(key: string): boolean {
  return key.startsWith(ONCE)
}
