import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/index.ts'
import { bothKinds, PlainStore } from '../support/plain-store.ts'
import { caught } from './cases/fresh.ts'
import { type Browser, Shop } from './shop.ts'

const DOWN = new StoreUnavailableError('The store is down.')

type Deed = (shop: Shop, ada: Browser) => Promise<unknown>

const deeds: Record<string, Deed> = {
  'login of somebody else': (_, ada) => ada.visit((session) => session.login('bob')),
  'login once more': (_, ada) => ada.visit((session) => session.login('ada', { keep: ['cart'] })),
  rotate: (_, ada) => ada.visit((session) => session.rotate()),
  confirm: (_, ada) => ada.visit((session) => session.confirm()),
}
const ends: Record<string, Deed> = {
  logout: (_, ada) => ada.visit((session) => session.logout()),
  revokeOthers: (_, ada) => ada.visit((session) => session.revokeOthers()),
  revoke: async (shop) => shop.sessions.revoke('ada', (await shop.handles('ada'))[0]!),
  revokeAll: async (shop) => shop.sessions.revokeAll('ada'),
  revokeEverything: (shop) => shop.sessions.revokeEverything(),
}

/** Ada has two devices, and a cart on the one that acts. From then on the call with this number fails, and all behind it. */
async function failingFrom(slow: boolean, nth: number) {
  const store = new PlainStore({ slow })
  const shop = new Shop(store)
  const [other, ada] = [await shop.signedIn('ada'), await shop.signedIn('ada', { cart: ['tea'] })]
  let calls = 0
  store.between = () => {
    if (calls++ >= nth) throw DOWN
  }
  const mend = () => {
    store.between = () => {}
  }
  return { shop, ada, other, mend, failed: () => calls > nth }
}

const MOST_CALLS = 40

describe.each(bothKinds)('$kind fails from some call on', ({ slow }) => {
  test.each(Object.entries(deeds))('%s: its error, and the visitor is who they were', async (_, deed) => {
    for (let nth = 0; nth < MOST_CALLS; nth++) {
      const { shop, ada, mend, failed } = await failingFrom(slow, nth)
      const before = ada.copy()
      const error = await deed(shop, ada).then(
        () => undefined,
        (thrown) => thrown,
      )
      mend()
      if (error !== undefined) {
        expect(error).toBe(DOWN)
        expect(ada.cookie).toBe(before.cookie)
        expect(await ada.owner()).toBe('ada')
        expect(await ada.values()).toEqual({ cart: ['tea'] })
      }
      // Whatever it has left is swept out by who signs in, or out, next.
      await shop.sessions.revokeAll('ada')
      await shop.sessions.revokeAll('bob')
      expect([await ada.owner(), await before.owner()]).toEqual([undefined, undefined])
      if (!failed()) return
    }
    throw new Error(`More than ${MOST_CALLS} calls were made.`)
  })

  test.each(Object.entries(ends))('%s: its error, and a second one finishes it', async (_, deed) => {
    for (let nth = 0; nth < MOST_CALLS; nth++) {
      const { shop, ada, other, mend, failed } = await failingFrom(slow, nth)
      const work = deed(shop, ada)
      const error = await caught(async () => {
        await work
        throw undefined
      })(undefined)
      mend()
      if (error !== undefined) expect(error).toBe(DOWN)
      await deed(shop, ada).catch(() => {})
      await deed(shop, ada).catch(() => {})
      const owners = [await ada.owner(), await other.owner()]
      const over = owners.filter((owner) => owner === undefined)
      expect([nth, over.length]).toEqual([nth, expect.any(Number)])
      expect(over.length).toBeGreaterThan(0)
      await shop.sessions.revokeAll('ada')
      expect(await shop.stored()).toEqual([])
      if (!failed()) return
    }
    throw new Error(`More than ${MOST_CALLS} calls were made.`)
  })
})
