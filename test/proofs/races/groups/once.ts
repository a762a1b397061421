import { expect } from 'vitest'
import type { Outcome } from '../browser.ts'
import { type Group, race } from '../race.ts'

/** A fetch that takes longer than others wait for it. */
const TOO_LONG = { takes: 900, timeout: '300ms' }

const TEN = Array.from({ length: 10 })

/** What each request got, and how many of them fetched it. */
function found(outcomes: Outcome[]): { tokens: Set<unknown>; runs: number } {
  const results = outcomes.map(({ result }) => result as { ran: boolean; token: unknown } | undefined)
  return {
    tokens: new Set(results.map((result) => result?.token)),
    runs: results.filter((result) => result?.ran).length,
  }
}

export const once: Group = {
  group: 'a token that one request fetches for all',
  races: [
    race(
      'ten requests find it too old at the same moment: one fetches, all have the new one',
      async (site) => {
        const ada = await site.visitor({ user: 'ada', token: 'old' })
        const all = await Promise.all(TEN.map(() => ada.begins('refresh')))
        const outcomes = await Promise.all(all.map((request) => request.goesOn()))
        const { tokens, runs } = found(outcomes)
        expect(runs).toBe(1)
        expect(tokens.size).toBe(1)
        expect(await ada.session()).toEqual({ user: 'ada', token: [...tokens][0] })
      },
    ),

    race('a slow request that had read the old one gets the new one, and fetches none', async (site) => {
      const ada = await site.visitor({ user: 'ada', token: 'old' })
      const slow = [await ada.begins('refresh'), await ada.begins('refresh')]
      const first = await ada.does('refresh')
      const outcomes = [first, await slow[0]!.goesOn(), await slow[1]!.goesOn()]
      const { tokens, runs } = found(outcomes)
      expect(runs).toBe(1)
      expect(tokens.size).toBe(1)
      expect((await ada.session()).token).toBe([...tokens][0])
    }),

    race('others save while it is fetched: nothing of theirs is lost, nor the token', async (site) => {
      const ada = await site.visitor({ user: 'ada', token: 'old', views: 7 })
      const all = [
        await ada.begins('refresh'),
        await ada.begins('refresh'),
        ...(await Promise.all(TEN.map(() => ada.begins('count')))),
        await ada.begins('set', { colour: 'red' }),
      ]
      const outcomes = await Promise.all(all.map((request) => request.goesOn()))
      const { tokens, runs } = found(outcomes.slice(0, 2))
      expect(runs).toBe(1)
      expect(tokens.size).toBe(1)
      expect(await ada.session()).toEqual({
        user: 'ada',
        token: [...tokens][0],
        views: 17,
        colour: 'red',
      })
    }),

    race(
      'a fetch that takes too long is replaced: all have the token of the one that was first',
      async (site) => {
        const ada = await site.visitor({ user: 'ada', token: 'old' })
        const all = await Promise.all(TEN.map(() => ada.begins('refresh', TOO_LONG)))
        const outcomes = await Promise.all(all.map((request) => request.goesOn()))
        const { tokens, runs } = found(outcomes)
        expect(runs).toBeGreaterThan(1)
        expect(tokens.size).toBe(1)
        expect((await ada.session()).token).toBe([...tokens][0])
      },
    ),

    race(
      'one is set by hand while it is fetched: that stands, and the next one to ask fetches at once',
      async (site) => {
        const ada = await site.visitor({ user: 'ada', token: 'old' })
        const slow = ada.does('refresh', { takes: 1000 })
        // That it has begun is the first write.
        while ((await site.seen()).writes === 0) {}
        await ada.does('set', { token: 'by hand' })
        expect((await slow).result).toEqual({ ran: true, token: 'by hand' })
        const { runs } = found([await ada.does('refresh')])
        expect(runs).toBe(1)
        expect((await ada.session()).token).not.toBe('by hand')
      },
    ),

    race('who signs out meanwhile is signed out: nobody fetches for a session that is gone', async (site) => {
      const ada = await site.visitor({ user: 'ada', token: 'old' })
      const old = site.thief(ada.cookie)
      const slow = await ada.begins('refresh')
      await ada.does('signOut')
      const { result, setCookie } = await slow.goesOn()
      expect({ result, setCookie }).toEqual({ result: { ran: false }, setCookie: undefined })
      expect(await old.session()).toEqual({})
    }),
  ],
}
