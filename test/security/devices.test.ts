import type { Request } from 'express'
import { describe, expect, test } from 'vitest'
import { sessionKey } from '../../src/index.ts'
import { site, whoAre } from './site.ts'
import { onEachStore } from './stores.ts'

const describeRequest = (request: unknown) => ({ browser: (request as Request).headers['user-agent'] })

await onEachStore((empty) => {
  /** An application that shows people where they are signed in; to end what is shown they have to be who they say. */
  async function account() {
    return site({ store: (await empty())(), describe: describeRequest }, (app) => {
      app.get('/devices', async (req, res) => void res.json(await req.session.devices()))
      app.post('/end/:handle', async (req, res) => {
        req.session.requireFresh('5m')
        res.send(await req.session.revoke(req.params.handle))
      })
      app.post('/end-others', async (req, res) => {
        req.session.requireFresh('5m')
        res.send(await req.session.revokeOthers())
      })
    })
  }

  describe('7.5.2 users see their sessions, and can end them', () => {
    test('all of their own and no others; what they are shown opens nothing', async () => {
      const { visitor, signedIn } = await account()
      const [laptop, phone] = [visitor(), visitor()]
      await laptop.post('/sign-in/ada', { 'user-agent': 'a laptop' })
      await phone.post('/sign-in/ada', { 'user-agent': 'a phone' })
      await signedIn('bob')
      const { text } = await laptop.get('/devices')
      const devices = JSON.parse(text)
      expect(devices).toMatchObject([
        { current: false, about: { browser: 'a phone' } },
        { current: true, about: { browser: 'a laptop' } },
      ])
      for (const { id } of [laptop, phone]) {
        expect(text).not.toContain(id)
        expect(text).not.toContain(sessionKey(id!))
      }
      const mallory = visitor()
      for (const { handle } of devices) {
        expect((await mallory.get('/me', { cookie: `__Host-sid=${handle}` })).text).toBe('nobody')
      }
      expect(JSON.parse((await mallory.get('/devices')).text)).toEqual([])
    })

    test('one of them, and never one of somebody else', async () => {
      const { signedIn } = await account()
      const [laptop, phone, bob] = [await signedIn('ada'), await signedIn('ada'), await signedIn('bob')]
      const [{ handle }] = JSON.parse((await phone.get('/devices')).text)
      expect((await bob.post(`/end/${handle}`)).text).toBe('false')
      expect(await whoAre([laptop, phone, bob])).toEqual(['ada', 'ada', 'bob'])
      expect((await laptop.post(`/end/${handle}`)).text).toBe('true')
      expect(await whoAre([laptop, phone, bob])).toEqual(['ada', 'nobody', 'bob'])
      expect(JSON.parse((await laptop.get('/devices')).text)).toHaveLength(1)
    })

    test('all others at once', async () => {
      const { signedIn } = await account()
      const [laptop, phone, tablet] = [await signedIn('ada'), await signedIn('ada'), await signedIn('ada')]
      const bob = await signedIn('bob')
      expect((await laptop.post('/end-others')).text).toBe('true')
      expect(await whoAre([laptop, phone, tablet, bob])).toEqual(['ada', 'nobody', 'nobody', 'bob'])
    })
  })
})
