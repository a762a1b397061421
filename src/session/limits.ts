import { SessionTooLargeError } from '../errors.ts'
import { isPassing } from '../values/data.ts'
import type { Settings } from './settings.ts'

/** Throws {@link SessionTooLargeError} if a session with these values would exceed a limit. */
export function checkLimits(
  settings: Pick<Settings, 'maxKeys' | 'maxBytes'>,
  values: ReadonlyMap<string, string>,
): void {
  const { maxKeys, maxBytes } = settings
  if (values.size > maxKeys) {
    const size = [...values.keys()].filter((key) => !isPassing(key)).length
    if (size > maxKeys) {
      throw new SessionTooLargeError({ limitOf: 'keys', size, limit: maxKeys, largestKey: largest(values) })
    }
  }
  let units = 0
  for (const [key, text] of values) units += key.length + text.length
  // A UTF-16 unit is three bytes of UTF-8 at the most: far from the limit there is nothing to count.
  if (units * 3 <= maxBytes) return
  let size = 0
  for (const [key, text] of values) if (!isPassing(key)) size += bytes(key, text)
  if (size > maxBytes) {
    throw new SessionTooLargeError({ limitOf: 'bytes', size, limit: maxBytes, largestKey: largest(values) })
  }
}

function largest(values: ReadonlyMap<string, string>): string {
  let found = { key: '', size: -1 }
  for (const [key, text] of values) {
    const size = bytes(key, text)
    if (size > found.size) found = { key, size }
  }
  return found.key
}

function bytes(key: string, text: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(text)
}
