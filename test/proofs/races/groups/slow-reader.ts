import { expect } from 'vitest'
import { type Group, race } from '../race.ts'

/** Two values that are always changed together. */
const both = (value: number) => ({ left: value, right: value })

export const slowReader: Group = {
  group: 'a slow reader',
  races: [
    race('sees the session as it was when it opened it, and costs no write', async (site) => {
      const ada = await site.visitor(both(1))
      const reader = await ada.begins('read')
      await ada.does('set', both(2))
      const answer = await reader.goesOn()
      expect(answer.left).toBe(1)
      expect(answer.session).toEqual(both(1))
      expect(answer.setCookie).toBeUndefined()
      // The one write is the writer's.
      expect(await site.seen()).toEqual({ writes: 1, events: [] })
      expect(await ada.session()).toEqual(both(2))
    }),

    race('that has looked into an object leaves it to who changes it meanwhile', async (site) => {
      const basket = (tea: number) => ({ basket: { tea, list: [{ tea }] } })
      const ada = await site.visitor(basket(1))
      const reader = await ada.begins('read')
      const marker = await ada.begins('set', { seen: true })
      await ada.does('set', basket(2))
      expect((await reader.goesOn()).session).toEqual(basket(1))
      await marker.goesOn()
      // The writer's, and that of the one who has set another value.
      expect(await site.seen()).toEqual({ writes: 2, events: [] })
      expect(await ada.session()).toEqual({ ...basket(2), seen: true })
    }),

    race('however it meets a change sees it whole or not at all', async (site) => {
      const ada = await site.visitor(both(1))
      const writer = await ada.begins('set', both(2))
      let changed = false
      const change = writer.goesOn().finally(() => {
        changed = true
      })
      do {
        const { session } = await ada.does('read')
        expect([both(1), both(2)]).toContainEqual(session)
      } while (!changed)
      await change
      expect(await ada.session()).toEqual(both(2))
    }),
  ],
}
