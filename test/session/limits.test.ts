import { expect, test } from 'vitest'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'
import { asksForNewId } from '../support/new-id.ts'
import { PlainStore } from '../support/plain-store.ts'

test('a session over maxBytes is refused before anything is written, by bytes and naming the largest value', async () => {
  const shop = site({ maxBytes: 100 })
  const cookie = await signedIn(shop)
  shop.store.counted()
  const session = await shop.sessions.open(cookie)
  session.set('small', 'x')
  session.set('largest', '€'.repeat(30))
  expect(() => session.commit()).toThrow(
    expect.objectContaining({
      code: 'UNTORN_SESSION_TOO_LARGE',
      limitOf: 'bytes',
      limit: 100,
      size: 4 + 5 + 5 + 3 + 7 + 92,
      largestKey: 'largest',
    }),
  )
  expect(shop.store.counted('save')).toBe(0)
  // 71 units of text are under the limit, 98 bytes are just under it.
  session.set('largest', '€'.repeat(24))
  await session.commit()
  expect(valuesOf(shop.store)).toMatchObject({ small: 'x' })
})

test('nor is one stored for the first time, or moved to a new id', async () => {
  const shop = site({ maxBytes: 100 })
  const tooLarge = expect.objectContaining({ code: 'UNTORN_SESSION_TOO_LARGE' })
  const fresh = await shop.sessions.open(undefined)
  fresh.set('a', 'x'.repeat(100))
  expect(() => fresh.commit()).toThrow(tooLarge)
  expect(shop.store.calls).toEqual([])

  const cookie = await signedIn(shop)
  const session = await shop.sessions.open(cookie)
  asksForNewId(session)
  session.set('a', 'x'.repeat(100))
  expect(() => session.commit()).toThrow(tooLarge)
  expect(shop.store.all()).toHaveLength(1)
  expect((await shop.sessions.open(cookie)).isNew).toBe(false)
})

test('a session over maxKeys is refused', async () => {
  const shop = site({ maxKeys: 3 })
  const session = await shop.sessions.open(undefined)
  for (const key of ['a', 'b', 'c']) session.set(key, 1)
  await session.save()
  session.set('d', 'longest')
  expect(() => session.save()).toThrow(
    expect.objectContaining({ limitOf: 'keys', size: 4, limit: 3, largestKey: 'd' }),
  )
  session.delete('a')
  await session.save()
  expect(valuesOf(shop.store)).toEqual({ b: 1, c: 1, d: 'longest' })
})

test('a session over a limit that was lowered can still shrink', async () => {
  const store = new PlainStore()
  const cookie = await signedIn(site({ store }), { a: 'x'.repeat(200), b: 'x'.repeat(200) })
  const session = await site({ store, maxBytes: 100 }).sessions.open(cookie)
  session.delete('a')
  await session.commit()
  expect(Object.keys(valuesOf(store))).toEqual(['user', 'b'])
})
