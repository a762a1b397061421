import { expect } from 'vitest'
import type { Browser, Case, Shop } from '../shop.ts'

/** Nobody is signed in on the browser, and nothing is stored. */
async function isOver(shop: Shop, ...browsers: Browser[]): Promise<void> {
  for (const browser of browsers) expect(await browser.owner()).toBeUndefined()
  expect(await shop.stored()).toEqual([])
  expect(await shop.handles('ada')).toEqual([])
}

/** Each is what a visitor signs out by: two names of one thing. */
const both = (steps: (shop: Shop, signOut: 'logout' | 'destroy') => Promise<void>): Case => {
  return async (open) => {
    for (const signOut of ['logout', 'destroy'] as const) await steps(await open(), signOut)
  }
}

export const logout: Record<string, Case> = {
  'the session is over, and its cookie goes': both(async (shop, signOut) => {
    const ada = await shop.signedIn('ada', { cart: ['tea'] })
    const stolen = ada.copy()
    await ada.visit(async (session) => {
      await session[signOut]()
      expect(session.owner).toBeUndefined()
      expect(session.authenticatedAt).toBeUndefined()
      expect(session.toJSON()).toEqual({})
    })
    expect(ada.cookie).toBeUndefined()
    await isOver(shop, ada, stolen)
    expect(shop.endsTold()).toEqual([{ type: 'signed-out', owner: 'ada' }])
  }),

  'with the id that was just replaced': both(async (shop, signOut) => {
    const ada = await shop.signedIn('ada')
    const tab = ada.copy()
    await ada.visit((session) => session.rotate())
    await tab.visit((session) => session[signOut]())
    await isOver(shop, ada, tab)
  }),

  'with each id of a chain, soon and much later': both(async (shop, signOut) => {
    for (const much of ['visit', 'visitMuchLater'] as const) {
      for (let back = 1; back <= 3; back++) {
        const ada = await shop.signedIn('ada')
        const ids: Browser[] = []
        for (let id = 0; id < 3; id++) {
          ids.unshift(ada.copy())
          await ada.visit((session) => (id === 1 ? session.confirm() : session.rotate()))
        }
        expect(await ada.owner()).toBe('ada')
        await ids[back - 1]![much]((session) => session[signOut]())
        await isOver(shop, ada, ...ids)
      }
    }
  }),

  'by a request that was under way while the id was replaced': both(async (shop, signOut) => {
    const ada = await shop.signedIn('ada')
    const tab = ada.copy()
    const underWay = await tab.open()
    expect(underWay.owner).toBe('ada')
    await ada.visit((session) => session.rotate())
    await underWay[signOut]()
    await tab.receive(underWay)
    await isOver(shop, ada, tab)
  }),

  'after the answer with the new id was lost': both(async (shop, signOut) => {
    const ada = await shop.signedIn('ada')
    await ada.lose((session) => session.rotate())
    await ada.visitMuchLater((session) => session[signOut]())
    await isOver(shop, ada)
  }),

  'the id that somebody had planted does not sign the visitor out': both(async (shop, signOut) => {
    const attacker = shop.browser()
    await attacker.visit((session) => session.set('planted', true))
    const victim = attacker.copy()
    await victim.visit((session) => session.login('ada'))
    for (const visit of ['visit', 'visitMuchLater'] as const) {
      await attacker.copy()[visit]((session) => session[signOut]())
      expect(await victim.owner()).toBe('ada')
    }
    await victim.visit((session) => session.logout())
    await isOver(shop, victim)
  }),

  'an id of before somebody else signed in does not sign them out': both(async (shop, signOut) => {
    const browser = await shop.signedIn('ada')
    const adas = browser.copy()
    await browser.visit((session) => session.login('bob'))
    await adas.visit((session) => session[signOut]())
    expect(await browser.owner()).toBe('bob')
    await browser.visit((session) => session.logout())
  }),

  'a visitor whom nobody knows': both(async (shop, signOut) => {
    const nobody = shop.browser()
    await nobody.visit((session) => session.set('cart', ['tea']))
    const tab = nobody.copy()
    await nobody.visit((session) => session[signOut]())
    expect(nobody.cookie).toBeUndefined()
    expect(await tab.values()).toEqual({})
    expect(await shop.stored()).toEqual([])
  }),

  'other devices stay': both(async (shop, signOut) => {
    const [phone, laptop] = [await shop.signedIn('ada'), await shop.signedIn('ada')]
    await phone.visit((session) => session[signOut]())
    expect(await phone.owner()).toBeUndefined()
    expect(await laptop.owner()).toBe('ada')
    expect(await shop.handles('ada')).toHaveLength(1)
    await laptop.visit((session) => session[signOut]())
    await isOver(shop, phone, laptop)
  }),

  'while the id is being replaced: it is final in either order': async (open) => {
    for (let round = 0; round < 10; round++) {
      const [shop, other] = [await open(), await open()]
      const ada = await shop.signedIn('ada')
      const tab = ada.copy(other)
      const [rotating, leaving] = [await ada.open(), await tab.open()]
      await Promise.allSettled([(async () => rotating.rotate())(), (async () => leaving.logout())()])
      await ada.receive(rotating).catch(() => {})
      await tab.receive(leaving)
      await isOver(shop, ada, tab)
    }
  },
}
