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
  ],
}
