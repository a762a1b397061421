import { expect } from 'vitest'
import { type Group, race } from '../race.ts'

const TEN = Array.from({ length: 10 }, (_, index) => index)

export const exact: Group = {
  group: 'values that several requests change',
  races: [
    race('update(): ten requests count one view each, all from the same number: ten more', async (site) => {
      const ada = await site.visitor({ views: 7 })
      const all = await Promise.all(TEN.map(() => ada.begins('count')))
      await Promise.all(all.map((request) => request.goesOn()))
      expect(await ada.session()).toEqual({ views: 17 })
    }),

    race('increment(): ten requests add at the same moment: nothing is missing', async (site) => {
      const ada = await site.visitor({ views: 7 })
      const all = await Promise.all(TEN.map((by) => ada.begins('increment', by)))
      await Promise.all(all.map((request) => request.goesOn()))
      expect(await ada.session()).toEqual({ views: 52 })
    }),

    race(
      'merge: union: two tabs put an article in the cart, one puts one back: the cart is right',
      async (site) => {
        const ada = await site.visitor({ cart: ['tea', 'milk'] })
        const tabs = [
          await ada.begins('buy', 'sugar'),
          await ada.begins('putBack', 'tea'),
          await ada.begins('buy', 'salt'),
        ]
        for (const tab of tabs) await tab.goesOn()
        expect((await ada.session()).cart).toEqual(['milk', 'sugar', 'salt'])
      },
    ),

    race(
      'merge: counter: ten requests add to the points at the same moment: nothing is missing',
      async (site) => {
        const ada = await site.visitor({ points: 100 })
        const all = await Promise.all(TEN.map((index) => ada.begins('earn', index)))
        await Promise.all(all.map((request) => request.goesOn()))
        expect(await ada.session()).toEqual({ points: 145 })
      },
    ),

    race(
      'merge: a function of the application: of two bids the higher stays, though it came first',
      async (site) => {
        const ada = await site.visitor({ bid: 10 })
        const [high, low] = [await ada.begins('bid', 30), await ada.begins('bid', 20)]
        await high.goesOn()
        await low.goesOn()
        expect(await ada.session()).toEqual({ bid: 30 })
      },
    ),
  ],
}
