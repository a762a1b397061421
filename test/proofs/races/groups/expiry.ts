import { expect } from 'vitest'
import { type Group, race } from '../race.ts'
import { contents, slowRequests } from './slow-requests.ts'

export const expiry: Group = {
  group: 'a session whose time is up while a slow request uses it',
  races: [
    ...slowRequests.map(({ what, action, value }) =>
      race(`and then ${what}: answered, not saved, and it stays ended`, async (site) => {
        const ada = await site.visitor(contents)
        const slow = await ada.begins(action, value)
        await site.expire(ada)
        const { setCookie } = await slow.goesOn()
        const { events } = await site.seen()
        expect(await ada.session()).toEqual({})
        expect(setCookie).toBeUndefined()
        expect(events).toEqual(['gone'])
      }),
    ),

    race('and only reads: not disturbed, and it does not live on', async (site) => {
      const ada = await site.visitor(contents)
      const reader = await ada.begins('read')
      await site.expire(ada)
      expect((await reader.goesOn()).session).toEqual(contents)
      expect(await ada.session()).toEqual({})
    }),

    race('and the visitor begins anew: another id, and nothing of the old session', async (site) => {
      const ada = await site.visitor(contents)
      const old = ada.cookie
      const slow = await ada.begins('set', { draft: 1 })
      await site.expire(ada)
      await ada.does('set', { fresh: true })
      expect(ada.cookie).not.toBe(old)
      await slow.goesOn()
      expect(await ada.session()).toEqual({ fresh: true })
    }),
  ],
}
