import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Session, StoreBusyError, StoreConfigError, StoreUnavailableError } from '../../src/index.ts'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'
import { asksForNewId } from '../support/new-id.ts'
import { bothKinds } from '../support/plain-store.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 1)

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }))
afterEach(() => void vi.useRealTimers())

const refusals = [
  new StoreUnavailableError('The disk is full.'),
  new StoreBusyError('The session is held.'),
  new StoreConfigError('The role may not write.'),
]

const thrown = (work: () => unknown) => (async () => work())()

describe.each(bothKinds)('the store takes no changes, on $kind', ({ slow }) => {
  /** Signed in, and ten minutes later the store can be read only. */
  async function readOnly(options: { onStoreError?: 'fail' | 'anonymous'; rolling?: boolean } = {}) {
    const shop = site({ slow, ...options })
    const cookie = await signedIn(shop)
    vi.setSystemTime(START + 10 * MINUTE)
    shop.store.failing.set('save', refusals[0]!)
    shop.events.length = 0
    return { ...shop, cookie, session: await shop.sessions.open(cookie) }
  }

  test.each(refusals)(
    'a page that only reads is shown, and an event says why its use is not noted: $code',
    async (error) => {
      const { session, store, events } = await readOnly()
      store.failing.set('save', error)
      expect(session.get('user')).toBe('ada')
      expect(await session.commit()).toBeUndefined()
      expect(events).toEqual([{ type: 'error', error }])
      expect(store.counted('save')).toBe(1)
    },
  )

  test.each(['fail', 'anonymous'] as const)(
    'onStoreError: %s, so is one that touches the session',
    async (onStoreError) => {
      const { session, events } = await readOnly({ onStoreError, rolling: false })
      session.touch()
      expect(await session.commit()).toBeUndefined()
      expect(events).toEqual([{ type: 'error', error: refusals[0] }])
    },
  )

  test('the next one that can be noted extends the session', async () => {
    const { session, sessions, cookie, store } = await readOnly()
    session.get('user')
    await session.commit()
    store.failing.clear()
    vi.setSystemTime(START + 29 * MINUTE)
    const next = await sessions.open(cookie)
    next.get('user')
    await next.commit()
    expect(store.only().expiresAt).toBe(START + 29 * MINUTE + 33 * MINUTE)
  })

  test.each<[what: string, act: (session: Session) => unknown]>([
    ['sets a value', (session) => session.set('cart', ['tea'])],
    ['updates one', (session) => session.update('views', (n = 0) => n + 1)],
    ['deletes one', (session) => session.delete('user')],
  ])('one that %s fails', async (_, act) => {
    const { session, store, events } = await readOnly()
    act(session)
    await expect(thrown(() => session.commit())).rejects.toBe(refusals[0])
    store.failing.clear()
    expect(valuesOf(store)).toEqual({ user: 'ada' })
    expect(events).toEqual([])
  })

  test('one that gives the session another life, or another id, fails', async () => {
    for (const act of ['setExpiry', 'regenerate'] as const) {
      const { session } = await readOnly()
      if (act === 'setExpiry') session.setExpiry('1h')
      else asksForNewId(session)
      await expect(thrown(() => session.commit())).rejects.toBe(refusals[0])
    }
  })

  test('who asks for a save in so many words is told, each time', async () => {
    const { session, store } = await readOnly()
    for (const attempt of ['first', 'second']) {
      session.touch()
      await expect(
        thrown(() => session.save()),
        attempt,
      ).rejects.toBe(refusals[0])
    }
    store.failing.clear()
    expect(await session.save()).toBeUndefined()
    expect(store.only().expiresAt).toBe(START + 43 * MINUTE)
  })
})
