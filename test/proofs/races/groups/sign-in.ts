import { expect } from 'vitest'
import { type Group, race } from '../race.ts'
import { contents, slowRequests } from './slow-requests.ts'

const signedIn = { ...contents, user: 'root' }

export const signIn: Group = {
  group: 'a sign-in, with a new id, while a slow request is under way',
  races: [
    race('which saves before the new id: its change comes along', async (site) => {
      const ada = await site.visitor(contents)
      const login = await ada.begins('signIn', 'root')
      await ada.does('set', { draft: 1 })
      await login.goesOn()
      expect(await ada.session()).toEqual({ ...signedIn, draft: 1 })
    }),

    ...slowRequests.map(({ what, action, value }) =>
      race(`which ${what} after it: refused, and the visitor stays signed in`, async (site) => {
        const ada = await site.visitor(contents)
        const old = site.thief(ada.cookie)
        const slow = await ada.begins(action, value)
        await ada.does('signIn', 'root')
        const { setCookie } = await slow.goesOn()
        const { events } = await site.seen()
        expect(await ada.session()).toEqual(signedIn)
        expect(await old.session()).toEqual({})
        expect(setCookie).toBeUndefined()
        expect(events).toEqual(['gone', 'rotated'])
      }),
    ),

    race('which takes a notice after it: gets none, and the visitor finds it', async (site) => {
      const ada = await site.visitor({ ...contents, notice: 'Hello' })
      const slow = await ada.begins('take')
      await ada.does('signIn', 'root')
      expect((await slow.goesOn()).result).toBeUndefined()
      expect((await ada.does('take')).result).toBe('Hello')
    }),

    race(
      'which opens its session only after it: anonymous, and the visitor stays signed in',
      async (site) => {
        const ada = await site.visitor(contents)
        const slow = await ada.begins('set', { draft: 1 }, 'arrived')
        await ada.does('signIn', 'root')
        const { session, setCookie } = await slow.goesOn()
        const { events } = await site.seen()
        expect(await ada.session()).toEqual(signedIn)
        expect(session).toEqual({ draft: 1 })
        expect(setCookie).toBeUndefined()
        expect(events).toEqual(['gone', 'replaced-id-used', 'rotated'])
      },
    ),

    race('whoever knows the old id gains nothing by it', async (site) => {
      const ada = await site.visitor(contents)
      const thief = site.thief(ada.cookie)
      await ada.does('signIn', 'root')
      expect(await thief.session()).toEqual({})
      expect((await thief.does('set', { user: 'mallory' })).setCookie).toBeUndefined()
      expect(await thief.session()).toEqual({})
      expect(await ada.session()).toEqual(signedIn)
    }),

    race(
      'which signs in too, a double click: both are answered, and the visitor is signed in',
      async (site) => {
        const ada = await site.visitor(contents)
        const old = site.thief(ada.cookie)
        const [first, second] = [await ada.begins('signIn', 'root'), await ada.begins('signIn', 'root')]
        expect((await first.goesOn()).setCookie).toBeDefined()
        expect(await ada.session()).toEqual(signedIn)
        expect((await second.goesOn()).setCookie).toBeDefined()
        // The first one has taken along what was there; nothing of it is given to another.
        expect(await ada.session()).toEqual({ user: 'root' })
        expect(await old.session()).toEqual({})
      },
    ),

    race('whose answer never arrives can be done again with the old id', async (site) => {
      const ada = await site.visitor(contents)
      await site.thief(ada.cookie).does('signIn', 'root')
      await ada.does('signIn', 'root')
      expect(await ada.session()).toEqual({ user: 'root' })
    }),
  ],
}
