import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createShop } from '../../examples/shop/shop/routes.ts'
import { signal } from '../adapters/support/application.ts'
import { sessionIn, site, whoAre } from './site.ts'
import { onEachStore, sessionsIn } from './stores.ts'

await onEachStore((empty) => {
  /** Two processes of an application, ada on three devices at both of them, and bob on one. */
  async function severalDevices() {
    const open = await empty()
    const sites = [await site({ store: open() }), await site({ store: open() })] as const
    const [here, there] = sites
    const ada = [await here.signedIn('ada'), await there.signedIn('ada'), await here.signedIn('ada')] as const
    const bob = await there.signedIn('bob')
    return { here, there, ada, bob }
  }

  describe('7.4.1 a session that was ended can not be used', () => {
    test('by whoever has kept the cookie, at any process', async () => {
      const open = await empty()
      const [here, there] = [await site({ store: open() }), await site({ store: open() })]
      const ada = await here.signedIn('ada')
      const copies = [here.copyOf(ada), there.copyOf(ada)]
      expect(await whoAre(copies)).toEqual(['ada', 'ada'])
      await ada.post('/sign-out')
      expect(ada.id).toBeUndefined()
      expect(await whoAre(copies)).toEqual(['nobody', 'nobody'])
      expect(await sessionsIn(here.sessions.store)).toBe(0)
    })

    test('a request that is under way with it brings nothing back', async () => {
      const open = await empty()
      const [arrived, goOn] = [signal(), signal()]
      const { signedIn, copyOf, sessions } = await site({ store: open() }, (app) => {
        app.post('/slow', async (req, res) => {
          sessionIn(req).note = 'milk'
          arrived.resolve()
          await goOn.promise
          res.send('done')
        })
      })
      const ada = await signedIn('ada')
      const slow = copyOf(ada)
      const answer = slow.post('/slow')
      await arrived.promise
      await ada.post('/sign-out')
      goOn.resolve()
      expect((await answer).setCookies).toEqual([])
      expect(await slow.isSignedInAs()).toBe('nobody')
      expect(await sessionsIn(sessions.store)).toBe(0)
    })

    test.each(['/rotate', '/confirm'])(
      'though it has another id since: who signs out with the one before %s',
      async (moves) => {
        const { signedIn, copyOf, sessions } = await site({ store: (await empty())() })
        const ada = await signedIn('ada')
        const late = copyOf(ada)
        await ada.post(moves)
        expect(await ada.isSignedInAs()).toBe('ada')
        await late.post('/sign-out')
        expect(await ada.isSignedInAs()).toBe('nobody')
        expect(await sessionsIn(sessions.store)).toBe(0)
      },
    )
  })

  describe('7.4.2 all sessions of an account can be ended', () => {
    test('on each device, at each process; nobody else is signed out', async () => {
      const { here, ada, bob } = await severalDevices()
      expect(await whoAre([...ada, bob])).toEqual(['ada', 'ada', 'ada', 'bob'])
      await here.sessions.revokeAll('ada')
      expect(await whoAre([...ada, bob])).toEqual(['nobody', 'nobody', 'nobody', 'bob'])
      expect(await sessionsIn(here.sessions.store)).toBe(1)
    })

    test('also one that takes a new id meanwhile', async () => {
      const { here, ada } = await severalDevices()
      const answers = ada.map((device) => device.post('/rotate'))
      await setImmediate()
      await here.sessions.revokeAll('ada')
      await Promise.all(answers)
      expect(await whoAre(ada)).toEqual(['nobody', 'nobody', 'nobody'])
    })
  })

  describe('7.4.3 all other sessions can be ended where a password or a factor was changed', () => {
    test('and who has changed it stays signed in', async () => {
      const open = await empty()
      const { signedIn } = await site({ store: open() }, (app) => {
        app.post('/password', async (req, res) => {
          await req.session.confirm()
          res.send(await req.session.revokeOthers())
        })
      })
      const devices = [await signedIn('ada'), await signedIn('ada'), await signedIn('ada')] as const
      const bob = await signedIn('bob')
      expect((await devices[1].post('/password')).text).toBe('true')
      expect(await whoAre([...devices, bob])).toEqual(['nobody', 'ada', 'nobody', 'bob'])
    })
  })

  describe('7.4.5 administrators can end sessions', () => {
    test('one of a user', async () => {
      const { here, ada, bob } = await severalDevices()
      const [latest, ...others] = await here.sessions.list('ada')
      expect(others).toHaveLength(2)
      expect(await here.sessions.revoke('bob', latest!.handle)).toBe(false)
      expect(await here.sessions.revoke('ada', latest!.handle)).toBe(true)
      expect(await whoAre([...ada, bob])).toEqual(['ada', 'ada', 'nobody', 'bob'])
    })

    test('those of all users, and whoever signs in afterwards is signed in', async () => {
      const { here, there, ada, bob } = await severalDevices()
      await there.sessions.revokeEverything()
      expect(await whoAre([...ada, bob])).toEqual(['nobody', 'nobody', 'nobody', 'nobody'])
      expect(await (await here.signedIn('ada')).isSignedInAs()).toBe('ada')
    })
  })
})

describe('7.4.4 signing out is in reach', () => {
  test('the example shows it to whoever is signed in, and it is a sign-out', async () => {
    const { visitor, copyOf } = await site({}, (app, sessions) => {
      app.use(createShop({ sessions, askAgainAfter: '1m' }))
    })
    const ada = visitor()
    const button = 'action="/sign-out"'
    expect((await ada.get('/')).text).not.toContain(button)
    expect((await ada.submit('/sign-in', { name: 'Ada' })).text).toContain('Signed in as <bdi>Ada</bdi>')
    expect((await ada.get('/')).text).toContain(button)
    const copy = copyOf(ada)
    await ada.submit('/sign-out', {})
    for (const browser of [ada, copy]) {
      const page = (await browser.get('/')).text
      expect(page).not.toContain('Signed in as')
      expect(page).not.toContain(button)
    }
  })
})
