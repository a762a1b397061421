import { expect, test } from 'vitest'
import { keyOfNoSession } from '../../src/contract/key.ts'
import { isNoSession, isSessionKey, sessionKey } from '../../src/index.ts'

test('the key of a record that is no session is told from those of sessions by its end', () => {
  const key = keyOfNoSession('replaced 1')
  expect(isSessionKey(key)).toBe(true)
  expect(isNoSession(key)).toBe(true)
  expect(key).toBe(`${sessionKey('replaced 1').slice(0, 56)}00000000`)
  expect(isNoSession(sessionKey('replaced 1'))).toBe(false)
})

test('each text has a key of its own', () => {
  const keys = Array.from({ length: 1000 }, (_, n) => keyOfNoSession(`replaced ${n}`))
  expect(new Set(keys).size).toBe(1000)
})
