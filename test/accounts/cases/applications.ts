import { expect } from 'vitest'
import type { Case } from '../shop.ts'

export const applications: Record<string, Case> = {
  'owners of two applications on one store are not each other': async (open) => {
    for (const [one, other] of [
      [{ app: 'shop' }, { app: 'desk' }],
      [{}, { app: 'shop' }],
    ]) {
      const [shop, desk] = [await open(one), await open(other)]
      const [adas, desks] = [await shop.signedIn('ada'), await desk.signedIn('ada')]
      const copied = adas.copy(desk)
      expect(await copied.owner()).toBeUndefined()
      expect(await shop.handles('ada')).toHaveLength(1)
      expect(await desk.handles('ada')).toHaveLength(1)
      const [handle] = await shop.handles('ada')
      expect(await desk.sessions.revoke('ada', handle!)).toBe(false)
      await copied.visit((session) => session.logout())
      await desks.visit((session) => session.revokeOthers())
      expect([await adas.owner(), await desks.owner()]).toEqual(['ada', 'ada'])
      await desk.sessions.revokeAll('ada')
      expect([await adas.owner(), await desks.owner()]).toEqual(['ada', undefined])
      await shop.sessions.revokeAll('ada')
      expect(await adas.owner()).toBeUndefined()
    }
  },

  'each has its own limit': async (open) => {
    const [shop, desk] = [
      await open({ app: 'shop', maxPerOwner: 1 }),
      await open({ app: 'desk', maxPerOwner: 1 }),
    ]
    const [adas, desks] = [await shop.signedIn('ada'), await desk.signedIn('ada')]
    expect([await adas.owner(), await desks.owner()]).toEqual(['ada', 'ada'])
  },

  'names that read alike when they are put together are not': async (open) => {
    const [one, other] = [await open({ app: 'a b' }), await open({ app: 'a' })]
    const [first, second] = [await one.signedIn('c'), await other.signedIn('b c')]
    await one.sessions.revokeAll('c')
    expect([await first.owner(), await second.owner()]).toEqual([undefined, 'b c'])
    expect(await other.handles('c')).toEqual([])
    expect(await one.handles('b c')).toEqual([])
    const none = await open()
    const third = await none.signedIn('["a","b c"]')
    await none.sessions.revokeAll('["a","b c"]')
    expect([await second.owner(), await third.owner()]).toEqual(['b c', undefined])
  },

  'to sign everybody out of one leaves those of the others signed in': async (open) => {
    const applications = [await open({ app: 'shop' }), await open({ app: 'desk' }), await open()]
    const browsers = []
    for (const each of applications) browsers.push(await each.signedIn('ada', { cart: ['tea'] }))
    // The one that has been signed out of once has an epoch, too.
    await applications[1]!.sessions.revokeEverything()
    browsers[1] = await applications[1]!.signedIn('ada', { cart: ['tea'] })
    for (const [at, { sessions }] of applications.entries()) {
      await browsers.at(-1)!.visit((session) => session.rotate())
      await sessions.revokeEverything()
      const owners = await Promise.all(browsers.map((browser) => browser.owner()))
      expect(owners).toEqual(browsers.map((_, of) => (of <= at ? undefined : 'ada')))
    }
  },
}
