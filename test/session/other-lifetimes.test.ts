import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cookieHeader, type Site, site } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

const HOUR = 3_600_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

async function signIn({ sessions }: Site): Promise<string> {
  const session = await sessions.open(undefined)
  await session.login('ada')
  return cookieHeader(await session.commit())
}

describe.each(bothKinds)(
  'a shop and its till over one store, whose sessions live for an hour there, on $kind',
  ({ slow }) => {
    function shopAndTill(): { shop: Site; till: Site } {
      const shop = site({ slow, lifetime: '30d', idleTimeout: '30d' })
      const till = site({ store: shop.store, lifetime: '1h', idleTimeout: '1h' })
      return { shop, till }
    }

    async function isSignedIn({ sessions }: Site, cookie: string): Promise<boolean> {
      return (await sessions.open(cookie)).owner === 'ada'
    }

    test('who has signed in to the shop can be signed out everywhere, long after the till', async () => {
      const { shop, till } = shopAndTill()
      const cookie = await signIn(shop)
      await signIn(till)
      vi.setSystemTime(Date.now() + 2 * HOUR)
      expect(await isSignedIn(shop, cookie)).toBe(true)
      await shop.sessions.revokeAll('ada')
      expect(await isSignedIn(shop, cookie)).toBe(false)
    })

    test('a sign-in at the till does not forget one to the shop that is older than an hour', async () => {
      const { shop, till } = shopAndTill()
      const cookie = await signIn(shop)
      vi.setSystemTime(Date.now() + 2 * HOUR)
      await signIn(till)
      await till.sessions.revokeAll('ada')
      expect(await isSignedIn(shop, cookie)).toBe(false)
    })

    test('nor does a new id at the till, an hour before it is over', async () => {
      const { shop, till } = shopAndTill()
      const atTill = await till.sessions.open(await signIn(till))
      const cookie = await signIn(shop)
      await atTill.rotate()
      vi.setSystemTime(Date.now() + 2 * HOUR)
      await shop.sessions.revokeAll('ada')
      expect(await isSignedIn(shop, cookie)).toBe(false)
    })

    test('nor one at the till that began before the other one at the shop was done', async () => {
      const { shop, till } = shopAndTill()
      await signIn(till)
      let cookie = ''
      shop.store.between = async ({ method }) => {
        if (method !== 'create') return
        shop.store.between = () => {}
        cookie = await signIn(shop)
      }
      await signIn(till)
      vi.setSystemTime(Date.now() + 2 * HOUR)
      await shop.sessions.revokeAll('ada')
      expect(await isSignedIn(shop, cookie)).toBe(false)
    })
  },
)
