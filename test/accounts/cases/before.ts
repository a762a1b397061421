import { expect } from 'vitest'
import { sessionKey } from '../../../src/index.ts'
import { newRecord } from '../../support/records.ts'
import type { Browser, Case, Shop } from '../shop.ts'

/** A record that an application has stored by itself, with an owner, and the cookie of its visitor. */
async function planted(shop: Shop, id: string, owner?: string): Promise<Browser> {
  const browser = shop.browser()
  await browser.visit((session) => session.set('cart', []))
  const name = browser.cookie!.split('=', 1)[0]
  browser.cookie = `${name}=${id}`
  const record = newRecord({ user: 'ada', cart: ['tea'] }, owner === undefined ? {} : { owner })
  expect(await shop.store.create(sessionKey(id), record)).toBe(true)
  return browser
}

const ID = Buffer.alloc(32, 7).toString('base64url')

export const before: Record<string, Case> = {
  'a session that was stored without an owner goes on, and can get one': async (open) => {
    const shop = await open({ maxPerOwner: 2 })
    const browser = await planted(shop, ID)
    const [tab] = [browser.copy()]
    expect(await browser.owner()).toBeUndefined()
    await browser.visit((session) => session.set('theme', 'dark'))
    await browser.visit((session) => session.rotate())
    expect(await browser.values()).toEqual({ user: 'ada', cart: ['tea'], theme: 'dark' })
    expect(await tab.visitMuchLater((session) => session.toJSON())).toEqual({})
    await browser.visit((session) => session.login('ada', { keep: ['cart'] }))
    expect(await browser.owner()).toBe('ada')
    expect(await browser.values()).toEqual({ cart: ['tea'] })
    expect(await shop.handles('ada')).toHaveLength(1)
  },

  'one with an owner that nobody has signed in: it gets new ids, and ends': async (open) => {
    const shop = await open()
    const browser = await planted(shop, ID, 'ada')
    const tab = browser.copy()
    expect(await browser.visit((session) => [session.owner, session.authenticatedAt])).toEqual([
      'ada',
      undefined,
    ])
    expect(await browser.visit((session) => session.devices())).toEqual([])
    await browser.visit((session) => expect(() => session.requireFresh('10m')).toThrow(/more recent/))
    await browser.visit((session) => session.rotate())
    expect(await browser.owner()).toBe('ada')
    expect(await browser.values()).toEqual({ user: 'ada', cart: ['tea'] })
    expect(await tab.visitMuchLater((session) => session.owner)).toBeUndefined()
    const stolen = browser.copy()
    await browser.visit((session) => session.logout())
    expect(await stolen.owner()).toBeUndefined()
    expect(await shop.stored()).toHaveLength(1)
  },

  'somebody signs in over it, and all that is then is known': async (open) => {
    const shop = await open({ maxPerOwner: 1 })
    const browser = await planted(shop, ID, 'ada')
    const tab = browser.copy()
    await browser.visit((session) => session.login('ada', { keep: ['cart'] }))
    expect(await browser.values()).toEqual({ cart: ['tea'] })
    expect(await shop.handles('ada')).toHaveLength(1)
    await shop.sessions.revokeAll('ada')
    expect([await browser.owner(), await tab.owner()]).toEqual([undefined, undefined])
  },

  'whoever signs everybody out ends it, too': async (open) => {
    const shop = await open()
    const [browser, adas] = [await planted(shop, ID, 'bob'), await shop.signedIn('ada')]
    await shop.sessions.revokeEverything()
    expect([await browser.owner(), await adas.owner()]).toEqual([undefined, undefined])
    expect(await shop.stored()).toHaveLength(1)
  },
}
