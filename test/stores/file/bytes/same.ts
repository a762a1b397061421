import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

/** As `toEqual` has it, in a fraction of the time. */
export function same<T>(found: T, expected: T): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected)
}
