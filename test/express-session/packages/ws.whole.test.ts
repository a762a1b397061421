import { describe, expect, test } from 'vitest'
import { Browser } from './browser.ts'
import { listen, serverFor } from './serve.ts'
import { onEach } from './sites.ts'
import { refusal, Talk } from './talk.ts'

await onEach<void>('ws', 'ws.js', ({ make, tears }) => {
  describe.each(['http', 'https'] as const)('over %s', (scheme) => {
    async function opened() {
      const server = serverFor(undefined, scheme)
      const address = await listen(server)
      const { gate } = await make({ server })
      return { browser: new Browser(address), gate }
    }

    async function signedIn() {
      const site = await opened()
      await site.browser.post('/login')
      return { ...site, talk: await Talk.with(site.browser, '/') }
    }

    test('who is signed in gets a socket that knows who it is', async () => {
      const { talk } = await signedIn()
      expect(await talk.ask('user')).toBe('anna')
    })

    test('nobody else gets one, and no session begins', async () => {
      const { browser } = await opened()
      expect(await refusal(browser, '/')).toBe(401)
      expect(await browser.sees('/')).toEqual({})
    })

    test('what a socket saves is there for pages', async () => {
      const { browser, talk } = await signedIn()
      expect(await talk.ask('add')).toBe('anna')
      expect(await browser.sees('/')).toEqual({ user: 'anna', cart: 'a book' })
    })

    test('a sign-out closes the socket, and the next one is refused', async () => {
      const { browser, talk } = await signedIn()
      const old = browser.twin()
      const closed = talk.closed()
      await browser.post('/logout')
      await closed
      expect(await refusal(old, '/')).toBe(401)
    })

    test('a socket that saves long after it was opened loses no change of a page', async () => {
      const { browser, talk } = await signedIn()
      await browser.post('/note')
      await talk.ask('add')
      const note = tears ? {} : { note: 'from a page' }
      expect(await browser.sees('/')).toEqual({ user: 'anna', cart: 'a book', ...note })
    })
  })
})
