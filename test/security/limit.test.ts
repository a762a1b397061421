import { describe, expect, test } from 'vitest'
import { type Browser, site, whoAre } from './site.ts'
import { onEachStore } from './stores.ts'

const isIn = (who: readonly string[]) => who.filter((user) => user === 'ada').length

await onEachStore((empty) => {
  /** Two processes with the same limit. */
  async function limited(onMaxPerOwner: 'end-oldest' | 'refuse') {
    const open = await empty()
    const options = { maxPerOwner: 2, onMaxPerOwner }
    return [await site({ store: open(), ...options }), await site({ store: open(), ...options })] as const
  }

  describe('7.1.2 how many sessions an account has is limited, and what happens then is said', () => {
    test("'end-oldest': the device that was signed in on first is signed out", async () => {
      const [here, there] = await limited('end-oldest')
      const ada = [await here.signedIn('ada'), await there.signedIn('ada'), await here.signedIn('ada')]
      const bob = await there.signedIn('bob')
      expect(await whoAre([...ada, bob])).toEqual(['nobody', 'ada', 'ada', 'bob'])
    })

    test("'refuse': nobody else is signed in, until one signs out", async () => {
      const [here, there] = await limited('refuse')
      const [first, second] = [await here.signedIn('ada'), await there.signedIn('ada')]
      const third = here.visitor()
      expect((await third.post('/sign-in/ada')).status).toBe(403)
      expect(await whoAre([first, second, third])).toEqual(['ada', 'ada', 'nobody'])
      await first.post('/sign-out')
      expect((await third.post('/sign-in/ada')).status).toBe(200)
      expect(await whoAre([first, second, third])).toEqual(['nobody', 'ada', 'ada'])
    })

    test.each(['end-oldest', 'refuse'] as const)(
      '%s: also where they sign in at once, at two processes',
      async (kind) => {
        const [here, there] = await limited(kind)
        const devices: Browser[] = [here, there, here, there, here, there].map(({ visitor }) => visitor())
        await Promise.all(devices.map((device) => device.post('/sign-in/ada')))
        expect(isIn(await whoAre(devices))).toBeLessThanOrEqual(2)
      },
    )
  })
})
