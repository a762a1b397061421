import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { createSessions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

beforeEach(() => void vi.useFakeTimers({ now: NOON, toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** A server whose time is known by its last answer to a change, and behind by as long as that was under way. */
function lagging() {
  const memory = memoryStore()
  let lag = 0
  const store: SessionStore = new Proxy(memory as SessionStore, {
    get(target, name) {
      if (name === 'now') return () => Date.now() - lag
      const value = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (name === 'save') lag = 0
        return Reflect.apply(value, target, args)
      }
    },
  })
  const sessions = createSessions({ store })
  return {
    sessions,
    answeredLate(by: number) {
      lag = by
    },
  }
}

test('who signs in after all of their sessions were ended is signed in, though the time is known with a delay', async () => {
  const { sessions, answeredLate } = lagging()
  await sessions.revokeAll('ada')
  vi.setSystemTime(NOON + 10)
  answeredLate(50)
  const session = await sessions.open(undefined)
  await session.login('ada')
  expect(session.owner).toBe('ada')
})

test('who came before that is refused all the same', async () => {
  const { sessions, answeredLate } = lagging()
  const session = await sessions.open(undefined)
  vi.setSystemTime(NOON + 10)
  await sessions.revokeAll('ada')
  vi.setSystemTime(NOON + 20)
  answeredLate(50)
  await expect(async () => session.login('ada')).rejects.toThrow(
    expect.objectContaining({ code: 'UNTORN_SIGN_IN_REVOKED' }),
  )
})
