import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { TooManySessionsError } from '../../../src/index.ts'
import type { Browser, Case, Shop } from '../shop.ts'
import { caught } from './fresh.ts'

async function several(shop: Shop, count: number, owner = 'ada'): Promise<Browser[]> {
  const browsers: Browser[] = []
  for (let n = 0; n < count; n++) browsers.push(await shop.signedIn(owner))
  return browsers
}

async function owners(browsers: readonly Browser[]): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = []
  for (const browser of browsers) all.push(await browser.owner())
  return all
}

/** Signs somebody in from each browser at the same moment; how each ended. */
async function atOnce(browsers: readonly Browser[], owner: string): Promise<PromiseSettledResult<void>[]> {
  const requests = await Promise.all(browsers.map((browser) => browser.open()))
  const ends = await Promise.allSettled(requests.map(async (session) => session.login(owner)))
  for (const [at, browser] of browsers.entries()) await browser.receive(requests[at]!).catch(() => {})
  return ends
}

export const limit: Record<string, Case> = {
  'the device that was signed in on first ends': async (open) => {
    for (const maxPerOwner of [1, 2, 3]) {
      const shop = await open({ maxPerOwner })
      const owner = `ada ${maxPerOwner}`
      const bob = await shop.signedIn('bob')
      const browsers = await several(shop, maxPerOwner + 2, owner)
      const expected = browsers.map((_, n) => (n < 2 ? undefined : owner))
      expect(await owners(browsers)).toEqual(expected)
      expect(await shop.handles(owner)).toHaveLength(maxPerOwner)
      expect(await bob.owner()).toBe('bob')
      const limited = { type: 'revoked', owner, why: 'limit' }
      expect(shop.endsTold().filter((told) => 'owner' in told && told.owner === owner)).toEqual([
        limited,
        limited,
      ])
    }
  },

  'it is the first one by its sign-in, whatever ids it got since': async (open) => {
    const shop = await open({ maxPerOwner: 2 })
    const [first, second] = (await several(shop, 2)) as [Browser, Browser]
    await first.visit((session) => session.rotate())
    await first.visit((session) => session.confirm())
    const third = await shop.signedIn('ada')
    expect(await owners([first, second, third])).toEqual([undefined, 'ada', 'ada'])
    await second.visit((session) => session.login('ada'))
    const fourth = await shop.signedIn('ada')
    expect(await owners([second, third, fourth])).toEqual(['ada', undefined, 'ada'])
  },

  'one too many is refused, and stays what they were': async (open) => {
    const shop = await open({ maxPerOwner: 2, onMaxPerOwner: 'refuse' })
    const browsers = await several(shop, 2)
    const visitor = shop.browser()
    await visitor.visit((session) => session.set('cart', ['tea']))
    const { cookie } = visitor
    const error = await visitor.visit(async (session) => {
      const thrown = await caught(() => session.login('ada', { keep: ['cart'] }))(undefined)
      expect(session.owner).toBeUndefined()
      expect(session.toJSON()).toEqual({ cart: ['tea'] })
      session.set('tries', 1)
      return thrown
    })
    expect(error).toBeInstanceOf(TooManySessionsError)
    expect(error).toMatchObject({ code: 'UNTORN_TOO_MANY_SESSIONS', status: 403, limit: 2 })
    expect(visitor.cookie).toBe(cookie)
    expect(await visitor.values()).toEqual({ cart: ['tea'], tries: 1 })
    expect(await owners(browsers)).toEqual(['ada', 'ada'])
    expect(await shop.stored()).toHaveLength(3)
    expect(await shop.handles('ada')).toHaveLength(2)
    expect(await shop.signedIn('bob').then((bob) => bob.owner())).toBe('bob')
    expect(shop.endsTold()).toEqual([])
    // Room for one more.
    await browsers[0]!.visit((session) => session.logout())
    await visitor.visit((session) => session.login('ada', { keep: ['cart'] }))
    expect(await visitor.values()).toEqual({ cart: ['tea'] })
  },

  'somebody who is signed in as somebody else stays that when they are refused': async (open) => {
    const shop = await open({ maxPerOwner: 1, onMaxPerOwner: 'refuse' })
    const [ada] = (await several(shop, 1)) as [Browser]
    const bob = await shop.signedIn('bob', { theme: 'dark' })
    const error = await bob.visit(async (session) => caught(() => session.login('ada'))(undefined))
    expect(error).toBeInstanceOf(TooManySessionsError)
    expect(await owners([ada, bob])).toEqual(['ada', 'bob'])
    expect(await bob.values()).toEqual({ theme: 'dark' })
    await bob.visit((session) => session.rotate())
    expect(await bob.owner()).toBe('bob')
  },

  'a browser that signs in again, and a second click, are no other device': async (open) => {
    for (const onMaxPerOwner of ['refuse', 'end-oldest'] as const) {
      const shop = await open({ maxPerOwner: 1, onMaxPerOwner })
      const ada = shop.browser()
      await ada.visit((session) => session.set('cart', ['tea']))
      const tab = ada.copy()
      const ends = await atOnce([ada, tab], onMaxPerOwner)
      expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
      expect(await owners([ada, tab])).toEqual([onMaxPerOwner, onMaxPerOwner])
      await ada.visit((session) => session.login(onMaxPerOwner))
      expect(await ada.owner()).toBe(onMaxPerOwner)
      expect(await shop.handles(onMaxPerOwner)).toHaveLength(1)
    }
  },

  'what has expired, was ended or signed out is no device': async (open) => {
    const shop = await open({ maxPerOwner: 3, onMaxPerOwner: 'refuse' })
    const [expiring, leaving, ended] = (await several(shop, 3)) as [Browser, Browser, Browser]
    await expiring.visit((session) => session.setExpiry('200ms'))
    await leaving.visit((session) => session.logout())
    // By whoever clears the store by hand.
    const key = (await shop.stored()).find(([, { values }]) => !values.has('untorn:expiry'))![0]
    await shop.store.delete(key)
    await delay(350)
    const browsers = await several(shop, 3)
    expect(await owners([expiring, leaving, ended, ...browsers])).toEqual([
      ...[undefined, undefined, undefined],
      ...['ada', 'ada', 'ada'],
    ])
    const error = await shop.browser().visit(async (session) => caught(() => session.login('ada'))(undefined))
    expect(error).toBeInstanceOf(TooManySessionsError)
  },

  'a limit that is set, or lowered, later holds from the next sign-in on': async (open) => {
    const before = await open()
    const browsers = await several(before, 4)
    const shop = await open({ maxPerOwner: 2 })
    browsers.push(await shop.signedIn('ada'))
    expect(await owners(browsers)).toEqual([undefined, undefined, undefined, 'ada', 'ada'])
  },

  'where several sign in at the same moment there is never one too many': async (open) => {
    for (const onMaxPerOwner of ['refuse', 'end-oldest'] as const) {
      for (const maxPerOwner of [1, 2, 3]) {
        const shops = [await open({ maxPerOwner, onMaxPerOwner }), await open({ maxPerOwner, onMaxPerOwner })]
        const owner = `ada ${onMaxPerOwner} ${maxPerOwner}`
        const browsers = [0, 1, 0, 1, 0, 1].map((at) => shops[at]!.browser())
        const ends = await atOnce(browsers, owner)
        const signedIn = (await owners(browsers)).filter((each) => each === owner).length
        expect(signedIn).toBeLessThanOrEqual(maxPerOwner)
        expect(await shops[0]!.handles(owner)).toHaveLength(signedIn)
        const refused = ends.filter((end) => end.status === 'rejected')
        for (const { reason } of refused) expect(reason).toBeInstanceOf(TooManySessionsError)
        if (onMaxPerOwner === 'end-oldest') {
          expect(refused).toEqual([])
          expect(signedIn).toBeGreaterThan(0)
        } else expect(signedIn).toBe(browsers.length - refused.length)
      }
    }
  },
}
