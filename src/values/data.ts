/** A session's values when no type is given for them: any key, any value, no casts. */
// biome-ignore lint/suspicious/noExplicitAny: `unknown` would ask for a cast at every read
export type AnyData = Record<string, any>

/** The keys that a session's values can have. */
export type KeyOf<Data extends object> = Extract<keyof Data, string>

const PREFIX = 'untorn:'

/** Keys that the library keeps for itself: part of the record, invisible to the application. */
export const reservedKeys = {
  expiry: `${PREFIX}expiry`,
  testCookie: `${PREFIX}test-cookie`,
  replaced: `${PREFIX}replaced`,
  moved: `${PREFIX}moved`,
} as const

export function isReserved(key: string): boolean {
  return key.startsWith(PREFIX)
}
