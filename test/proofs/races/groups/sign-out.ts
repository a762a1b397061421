import { expect } from 'vitest'
import { type Group, race } from '../race.ts'
import { contents, slowRequests } from './slow-requests.ts'

export const signOut: Group = {
  group: 'a sign-out while a slow request is under way',
  races: [
    ...slowRequests.map(({ what, action, value }) =>
      race(`which then ${what}: answered, not saved, and nobody comes back`, async (site) => {
        const ada = await site.visitor(contents)
        const old = site.thief(ada.cookie)
        const slow = await ada.begins(action, value)
        await ada.does('signOut')
        const { setCookie } = await slow.goesOn()
        const { events } = await site.seen()
        expect(await old.session()).toEqual({})
        expect(ada.cookie).toBe('')
        expect(setCookie).toBeUndefined()
        expect(events).toEqual(['gone', 'signed-out'])
      }),
    ),

    race('which only reads: not disturbed', async (site) => {
      const ada = await site.visitor(contents)
      const reader = await ada.begins('read')
      await ada.does('signOut')
      const answer = await reader.goesOn()
      expect(answer.session).toEqual(contents)
      expect(answer.setCookie).toBeUndefined()
      expect((await site.seen()).events).toEqual(['signed-out'])
    }),

    race('which takes a notice after it: gets none', async (site) => {
      const ada = await site.visitor({ ...contents, notice: 'Hello' })
      const slow = await ada.begins('take')
      await ada.does('signOut')
      expect((await slow.goesOn()).result).toBeUndefined()
    }),

    race('which opens its session only after it: anonymous, under another id', async (site) => {
      const ada = await site.visitor(contents)
      const old = ada.cookie
      const slow = await ada.begins('set', { draft: 1 }, 'arrived')
      await ada.does('signOut')
      expect((await slow.goesOn()).session).toEqual({ draft: 1 })
      expect(ada.cookie).not.toBe(old)
      expect(await ada.session()).toEqual({ draft: 1 })
      expect(await site.thief(old).session()).toEqual({})
    }),

    race('which signs in: the sign-out was first, and nobody is signed in', async (site) => {
      const ada = await site.visitor(contents)
      const old = site.thief(ada.cookie)
      const login = await ada.begins('signIn', 'root')
      await ada.does('signOut')
      const { result, setCookie } = await login.goesOn()
      expect({ result, setCookie }).toEqual({ result: false, setCookie: undefined })
      expect(ada.cookie).toBe('')
      expect(await old.session()).toEqual({})
    }),
  ],
}
