import { afterEach, expect, test, vi } from 'vitest'
import { createSessions } from '../../src/index.ts'
import { cookieHeader, signedIn, site } from '../sessions/visit.ts'
import { PlainStore } from '../support/plain-store.ts'

afterEach(() => vi.restoreAllMocks())

test('events tell the life of a session, with the beginning of its key and never its id', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const session = await shop.sessions.open(cookie)
  await session.regenerate()
  const next = cookieHeader(await session.commit())
  await session.destroy()
  await shop.sessions.open(next)
  expect(shop.events).toEqual([
    { type: 'created', key: expect.stringMatching(/^[0-9a-f]{8}$/) },
    { type: 'rotated', key: expect.any(String), from: shop.events[0]!.key },
    { type: 'signed-out', key: shop.events[1]!.key },
    { type: 'unknown-id', key: shop.events[1]!.key },
  ])
  const ids = [cookie, next].map((header) => header.split('=')[1]!)
  for (const id of ids) expect(JSON.stringify(shop.events)).not.toContain(id)
})

test.each([
  [
    'throws',
    () => {
      throw new Error('the log is full')
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('the log is full')
    },
  ],
])('an onEvent that %s is a warning, once, and no request breaks', async (_, onEvent) => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
  const sessions = createSessions({ store: new PlainStore(), onEvent })
  for (let i = 0; i < 2; i++) {
    const session = await sessions.open('__Host-sid=x')
    session.set('user', 'ada')
    expect(await session.commit()).toBeDefined()
  }
  await expect.poll(() => warn.mock.calls).toHaveLength(1)
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('the log is full'), {
    code: 'UNTORN_EVENT_HANDLER',
  })
})

test('unknown ids are counted, malformed ones are not', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  await shop.sessions.open(`__Host-sid=${'a'.repeat(43)}`)
  await shop.sessions.open(`__Host-sid=${'b'.repeat(43)}`)
  await shop.sessions.open('__Host-sid=short')
  await shop.sessions.open(cookie)
  expect(shop.sessions.stats).toEqual({ unknownIds: 2 })
})
