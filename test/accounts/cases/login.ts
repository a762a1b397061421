import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Case, OpenShop, Shop } from '../shop.ts'

const HOUR = 3_600_000

async function only(shop: Shop) {
  const stored = await shop.stored()
  expect(stored).toHaveLength(1)
  return stored[0]![1]
}

/** A visitor with a cart, whom nobody knows. */
async function withCart(open: OpenShop) {
  const shop = await open()
  const browser = shop.browser()
  await browser.visit((session) => session.set('cart', ['tea']))
  return { shop, browser, before: browser.copy() }
}

export const login: Record<string, Case> = {
  'nothing of before is left but what is kept': async (open) => {
    const shop = await open()
    const browser = shop.browser()
    await browser.visit((session) => {
      session.set('cart', ['tea'])
      session.set('csrf', 'planted')
      session.set('code', 123, { expiresIn: '10m' })
      session.flash('notice', 'Hello')
      session.setTestCookie()
      session.setExpiry('1h')
      session.notAfter(new Date(Date.now() + HOUR))
    })
    await browser.visit((session) => session.login('ada', { keep: ['cart', 'missing'] }))
    await browser.visit(async (session) => {
      expect(session.toJSON()).toEqual({ cart: ['tea'] })
      expect(await session.flashes('notice')).toEqual([])
      expect(session.testCookieWorked()).toBe(false)
      expect(session.expiry).toBeUndefined()
      expect(session.owner).toBe('ada')
    })
    expect([...(await only(shop)).values.keys()].sort()).toEqual(['cart', 'untorn:sign-in'])
  },

  'what was set and not saved goes, what is kept of it stays': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit(async (session) => {
      session.set('cart', ['tea', 'cup'])
      session.set('csrf', 'planted')
      session.setExpiry('1h')
      session.flash('notice', 'Hello')
      await session.login('ada', { keep: ['cart'] })
      expect(session.toJSON()).toEqual({ cart: ['tea', 'cup'] })
      expect(session.changed).toBe(false)
      session.set('theme', 'dark')
    })
    expect(await browser.values()).toEqual({ cart: ['tea', 'cup'], theme: 'dark' })
    expect([...(await only(shop)).values.keys()].sort()).toEqual(['cart', 'theme', 'untorn:sign-in'])
  },

  'the id is another one, and the old one is dead': async (open) => {
    const { browser, before } = await withCart(open)
    const id = await browser.visit((session) => session.id)
    await browser.visit((session) => session.login('ada'))
    expect(await browser.visit((session) => session.id)).not.toBe(id)
    expect(await before.visitMuchLater((session) => [session.isNew, session.toJSON()])).toEqual([true, {}])
    expect(await browser.owner()).toBe('ada')
  },

  'it begins now': async (open) => {
    const { shop, browser } = await withCart(open)
    const { createdAt } = await only(shop)
    await delay(20)
    await browser.visit(async (session) => {
      expect(session.authenticatedAt).toBeUndefined()
      await session.login('ada')
      expect(session.createdAt).toBeGreaterThan(createdAt)
      expect(session.authenticatedAt).toBe(session.createdAt)
    })
    const stored = await only(shop)
    expect(stored.createdAt).toBeGreaterThan(createdAt)
    expect(await browser.visit((session) => session.authenticatedAt)).toBe(stored.createdAt)
  },

  'what is kept is that of now, also where another request has changed it meanwhile': async (open) => {
    const { shop, browser, before } = await withCart(open)
    await browser.visit((session) => session.set('views', 1))
    const signing = await browser.open()
    expect(signing.get('cart')).toEqual(['tea'])
    signing.update('views', (views = 0) => views + 1)
    await before.visit((session) => {
      session.set('cart', ['tea', 'cup'])
      session.update('views', (views = 0) => views + 10)
    })
    await signing.login('ada', { keep: ['cart', 'views'] })
    await browser.receive(signing)
    expect(await browser.values()).toEqual({ cart: ['tea', 'cup'], views: 12 })
    expect((await only(shop)).owner).toBe('ada')
  },

  'an object that was read before it is the one that is saved after it': async (open) => {
    const { browser } = await withCart(open)
    await browser.visit(async (session) => {
      const cart = session.get('cart')
      cart.push('cup')
      await session.login('ada', { keep: ['cart'] })
      expect(session.get('cart')).toBe(cart)
      cart.push('milk')
    })
    expect(await browser.values()).toEqual({ cart: ['tea', 'cup', 'milk'] })
  },

  'somebody else signs in over a session: that of before is no device any more': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit((session) => session.login('ada'))
    const adas = browser.copy()
    await browser.visit((session) => session.set('mail', 'ada@example.com'))
    await browser.visit((session) => session.login('bob'))
    expect(await browser.values()).toEqual({})
    expect(await browser.owner()).toBe('bob')
    expect(await adas.owner()).toBeUndefined()
    expect(await shop.handles('ada')).toEqual([])
    expect(await shop.handles('bob')).toHaveLength(1)
  },

  'the same one again stays on their device, with nothing of before': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit((session) => session.login('ada', { keep: ['cart'] }))
    const [handle] = await shop.handles('ada')
    await browser.visit((session) => session.login('ada'))
    expect(await browser.values()).toEqual({})
    expect(await shop.handles('ada')).toEqual([handle])
    await only(shop)
  },

  'over nothing, and over what is not stored yet': async (open) => {
    const shop = await open()
    const browser = shop.browser()
    await browser.visit((session) => session.login('ada'))
    expect(await browser.owner()).toBe('ada')
    const other = shop.browser()
    await other.visit(async (session) => {
      session.set('cart', ['tea'])
      session.set('csrf', 'planted')
      await session.login('bob', { keep: ['cart'] })
    })
    expect(await other.values()).toEqual({ cart: ['tea'] })
    expect(await shop.stored()).toHaveLength(2)
  },

  'over a session that was ended elsewhere meanwhile': async (open) => {
    const { shop, browser, before } = await withCart(open)
    const [unaware, told] = [await browser.open(), await browser.open()]
    await before.visit((session) => session.destroy())
    told.set('cart', [])
    await expect((async () => told.save())()).rejects.toMatchObject({ code: 'UNTORN_SESSION_GONE' })
    for (const session of [unaware, told]) {
      const own = browser.copy()
      await session.login('ada', { keep: ['cart'] })
      await own.receive(session)
      expect(await own.owner()).toBe('ada')
    }
    // Both came from one id.
    expect(await shop.handles('ada')).toHaveLength(1)
  },

  'over a session that another request has given a new id': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit((session) => session.login('ada', { keep: ['cart'] }))
    const [handle] = await shop.handles('ada')
    const tab = browser.copy()
    const underWay = await tab.open()
    await browser.visit((session) => session.rotate())
    await underWay.login('ada')
    await tab.receive(underWay)
    expect(await tab.owner()).toBe('ada')
    expect(await shop.handles('ada')).toEqual([handle])
  },

  'a tab with an old id signs in, be it late or not': async (open) => {
    const { shop, browser, before } = await withCart(open)
    const late = before.copy()
    await browser.visit((session) => session.login('ada'))
    await late.visit((session) => session.login('ada'))
    expect(await late.owner()).toBe('ada')
    await before.visitMuchLater((session) => session.login('bob'))
    expect(await before.owner()).toBe('bob')
    expect(await shop.handles('ada')).toHaveLength(1)
    expect(await shop.handles('bob')).toHaveLength(1)
  },

  'over two cookies that both have a session: both end, and nothing of somebody else’s is kept': async (
    open,
  ) => {
    const shop = await open()
    const [one, other] = [await shop.signedIn('ada', { mine: 1 }), await shop.signedIn('eve', { planted: 1 })]
    const browser = one.copy()
    browser.cookie = `${one.cookie}; ${other.cookie}`
    expect(await browser.visit((session) => [session.owner, session.toJSON()])).toEqual([undefined, {}])
    await browser.visit((session) => session.login('ada', { keep: ['mine', 'planted'] }))
    expect(await browser.visit((session) => [session.owner, session.toJSON()])).toEqual(['ada', { mine: 1 }])
    expect(await one.owner()).toBeUndefined()
    expect(await other.owner()).toBeUndefined()
    await only(shop)
  },

  'after destroy() in the same request': async (open) => {
    const { shop, browser, before } = await withCart(open)
    await browser.visit(async (session) => {
      await session.destroy()
      await session.login('ada', { keep: ['cart'] })
    })
    expect(await browser.visit((session) => [session.owner, session.toJSON()])).toEqual(['ada', {}])
    expect(await before.values()).toEqual({})
    await only(shop)
  },

  'and another id again in the same request': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit(async (session) => {
      await session.login('ada', { keep: ['cart'] })
      const { id } = session
      await session.rotate()
      expect(session.id).not.toBe(id)
      session.set('theme', 'dark')
    })
    expect(await browser.owner()).toBe('ada')
    expect(await browser.values()).toEqual({ cart: ['tea'], theme: 'dark' })
    expect(await shop.handles('ada')).toHaveLength(1)
    await only(shop)
  },

  'and destroyed again in the same request': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit(async (session) => {
      await session.login('ada')
      await session.destroy()
    })
    expect(browser.cookie).toBeUndefined()
    expect(await shop.stored()).toEqual([])
    expect(await shop.handles('ada')).toEqual([])
  },

  'twice in one request: the second one counts': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit(async (session) => {
      await session.login('ada', { keep: ['cart'] })
      await session.login('bob', { keep: ['cart'] })
      expect(session.owner).toBe('bob')
    })
    expect(await browser.visit((session) => [session.owner, session.toJSON()])).toEqual([
      'bob',
      { cart: ['tea'] },
    ])
    expect(await shop.handles('ada')).toEqual([])
    expect(await shop.handles('bob')).toHaveLength(1)
    await only(shop)
  },

  'the answer is lost: the visitor begins anew, and is on one device when they sign in again': async (
    open,
  ) => {
    const { shop, browser } = await withCart(open)
    await browser.lose((session) => session.login('ada'))
    await browser.visitMuchLater((session) => session.set('csrf', 'token'))
    expect(await browser.values()).toEqual({ csrf: 'token' })
    await browser.visit((session) => session.login('ada'))
    expect(await browser.owner()).toBe('ada')
    expect(shop.events.map(({ type }) => type)).toContain('replaced-id-used')
  },

  'events tell of it, with the owner': async (open) => {
    const { shop, browser } = await withCart(open)
    await browser.visit((session) => session.login('ada'))
    await browser.visit((session) => session.rotate())
    expect(shop.events.map(({ key: _, from: __, ...rest }: Record<string, unknown>) => rest)).toEqual([
      { type: 'created' },
      { type: 'signed-in', owner: 'ada' },
      { type: 'rotated', owner: 'ada' },
    ])
  },

  'two clicks at once: both sign in, on one device, and one sign-out ends both': async (open) => {
    const { shop, browser, before } = await withCart(open)
    const second = before.copy()
    const requests = [await browser.open(), await second.open()]
    await Promise.all(requests.map(async (session) => session.login('ada', { keep: ['cart'] })))
    await browser.receive(requests[0]!)
    await second.receive(requests[1]!)
    expect(await browser.owner()).toBe('ada')
    expect(await second.owner()).toBe('ada')
    expect(await shop.handles('ada')).toHaveLength(1)
    await browser.visit((session) => session.logout())
    expect(await second.owner()).toBeUndefined()
    expect(await shop.handles('ada')).toEqual([])
    expect(await shop.stored()).toEqual([])
  },
}
