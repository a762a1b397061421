import { expect, test, vi } from 'vitest'
import type * as Keys from '../../src/contract/key.ts'
import { hasIdForm, newId } from '../../src/cookie/id.ts'

const hashed = vi.hoisted(() => [] as string[])

/** Of the first two ids the hash ends as that of no session does, which is one in 2 ** 32. */
vi.mock('../../src/contract/key.ts', async (original) => {
  const keys = await original<typeof Keys>()
  return {
    ...keys,
    sessionKey(id: string) {
      hashed.push(id)
      return hashed.length > 2 ? keys.sessionKey(id) : keys.keyOfNoSession(id)
    },
  }
})

test('an id whose session would be left out of listings and counts is drawn again', () => {
  const id = newId()
  expect(hasIdForm(id)).toBe(true)
  expect(hashed).toHaveLength(3)
  expect(new Set(hashed).size).toBe(3)
  expect(hashed.at(-1)).toBe(id)
})
