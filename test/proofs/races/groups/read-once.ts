import { expect } from 'vitest'
import { type Group, race } from '../race.ts'

const FIVE = Array.from({ length: 5 })

export const readOnce: Group = {
  group: 'a notice that is shown once',
  races: [
    race('five requests take the notice that all of them see: exactly one gets it', async (site) => {
      const ada = await site.visitor({ user: 'ada', notice: 'Saved' })
      const all = await Promise.all(FIVE.map(() => ada.begins('take')))
      const outcomes = await Promise.all(all.map((request) => request.goesOn()))
      expect(outcomes.filter(({ result }) => result === 'Saved')).toHaveLength(1)
      expect(outcomes.filter(({ result }) => result === undefined)).toHaveLength(4)
      expect(await ada.session()).toEqual({ user: 'ada' })
    }),

    race('a slow request that saves something else does not bring the notice back', async (site) => {
      const ada = await site.visitor({ user: 'ada', notice: 'Saved' })
      const slow = await ada.begins('set', { colour: 'red' })
      expect((await ada.does('take')).result).toBe('Saved')
      await slow.goesOn()
      expect(await ada.session()).toEqual({ user: 'ada', colour: 'red' })
    }),

    race('five requests flash and five show at the same moment: each message is shown once', async (site) => {
      const ada = await site.visitor()
      const messages = FIVE.map((_, index) => `message ${index}`)
      const all = await Promise.all([
        ...messages.map((message) => ada.begins('flash', message)),
        ...FIVE.map(() => ada.begins('flashes')),
      ])
      const outcomes = await Promise.all(all.map((request) => request.goesOn()))
      const last = await ada.does('flashes')
      const shown = [...outcomes.slice(FIVE.length), last].flatMap(({ result }) => result as string[])
      expect(shown.sort()).toEqual(messages)
      expect((await ada.does('flashes')).result).toEqual([])
    }),

    race('five requests show the messages that all of them see: each is shown once', async (site) => {
      const ada = await site.visitor()
      for (const message of ['Saved', 'Mailed']) await ada.does('flash', message)
      const all = await Promise.all(FIVE.map(() => ada.begins('flashes')))
      const outcomes = await Promise.all(all.map((request) => request.goesOn()))
      expect(outcomes.map(({ result }) => (result as string[]).length).sort()).toEqual([0, 0, 0, 0, 2])
    }),
  ],
}
