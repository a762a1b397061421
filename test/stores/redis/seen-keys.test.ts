import { expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { SeenKeys } from '../../../src/stores/redis/seen-keys.ts'
import { newKey } from '../../support/records.ts'

test('each key is new once, however many there are', () => {
  const seen = new SeenKeys()
  const keys = Array.from({ length: 20_000 }, newKey)
  for (const key of keys) expect(seen.add(key)).toBe(true)
  for (const key of keys) expect(seen.add(key)).toBe(false)
  expect(seen.add(newKey())).toBe(true)
})

test('keys that differ in any of the letters that are looked at are different ones', () => {
  const seen = new SeenKeys()
  const zeros = '0'.repeat(64)
  const keys = Array.from(
    { length: 24 },
    (_, n) => `${zeros.slice(0, n)}f${zeros.slice(n + 1)}` as SessionKey,
  )
  for (const key of [...keys, zeros as SessionKey]) expect(seen.add(key)).toBe(true)
  for (const key of [...keys, zeros as SessionKey]) expect(seen.add(key)).toBe(false)
})
