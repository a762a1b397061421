import { expect } from 'vitest'
import { type Group, race } from '../race.ts'

const TWENTY = Array.from({ length: 20 }, (_, index) => index)

/** The first of them, or the second, saves first. */
const orders = [
  [0, 1],
  [1, 0],
] as const

export const twoWriters: Group = {
  group: 'two tabs write',
  races: [
    race('each sets a value of its own: both stay', async (site) => {
      for (const order of orders) {
        const ada = await site.visitor()
        const tabs = [await ada.begins('set', { colour: 'red' }), await ada.begins('set', { size: 'L' })]
        for (const tab of order) await tabs[tab]!.goesOn()
        expect(await ada.session()).toEqual({ user: 'ada', colour: 'red', size: 'L' })
      }
    }),

    race('one sets a value while the other deletes another: both happen', async (site) => {
      for (const order of orders) {
        const ada = await site.visitor({ user: 'ada', draft: 1 })
        const tabs = [await ada.begins('set', { colour: 'red' }), await ada.begins('drop', 'draft')]
        for (const tab of order) await tabs[tab]!.goesOn()
        expect(await ada.session()).toEqual({ user: 'ada', colour: 'red' })
      }
    }),

    race(
      'one changes a list that the other looks at: what it saves besides leaves the list alone',
      async (site) => {
        const ada = await site.visitor({ user: 'ada', list: [1] })
        const slow = await ada.begins('set', { colour: 'red' })
        await ada.does('set', { list: [1, 2] })
        await slow.goesOn()
        expect(await ada.session()).toEqual({ user: 'ada', list: [1, 2], colour: 'red' })
      },
    ),

    race('twenty each set a value of their own at the same moment: all twenty stay', async (site) => {
      const ada = await site.visitor()
      const all = await Promise.all(TWENTY.map((index) => ada.begins('set', { [`key${index}`]: index })))
      await Promise.all(all.map((request) => request.goesOn()))
      const twenty = Object.fromEntries(TWENTY.map((index) => [`key${index}`, index]))
      expect(await ada.session()).toEqual({ user: 'ada', ...twenty })
    }),

    race('both set the same value: the one that saves last stays, whoever began first', async (site) => {
      for (const order of orders) {
        const ada = await site.visitor({ theme: 'dark' })
        const themes = ['light', 'sepia']
        const tabs = [
          await ada.begins('set', { theme: 'light' }),
          await ada.begins('set', { theme: 'sepia' }),
        ]
        for (const tab of order) await tabs[tab]!.goesOn()
        expect(await ada.session()).toEqual({ theme: themes[order[1]] })
      }
    }),
  ],
}
