import { expect, test } from 'vitest'
import { Browser } from './browser.ts'
import { listen, serverFor } from './serve.ts'
import { onEach } from './sites.ts'
import { Talk } from './talk.ts'

await onEach<void>('express-ws', 'express-ws.js', ({ make, tears }) => {
  async function opened() {
    const server = serverFor()
    const address = await listen(server)
    const { gate } = await make({ server })
    return { browser: new Browser(address), gate }
  }

  async function signedIn() {
    const site = await opened()
    await site.browser.post('/login')
    return { ...site, talk: await Talk.with(site.browser, '/talk') }
  }

  test('a route for sockets knows who has signed in, and that a stranger has not', async () => {
    const { browser, talk } = await signedIn()
    expect(await talk.ask('user')).toBe('anna')
    const stranger = browser.twin()
    stranger.cookies.clear()
    expect(await (await Talk.with(stranger, '/talk')).ask('user')).toBe(null)
  })

  test('what a socket saves is there for pages, and no change of a page is lost', async () => {
    const { browser, talk } = await signedIn()
    await browser.post('/note')
    expect(await talk.ask('add')).toBe('anna')
    const note = tears ? {} : { note: 'from a page' }
    expect(await browser.sees('/')).toEqual({ user: 'anna', cart: 'a book', ...note })
  })

  test('after a sign-out a socket finds no session when it reads it again', async () => {
    const { browser, talk } = await signedIn()
    await browser.post('/logout')
    expect(await talk.ask('reload')).toEqual({ over: true })
  })

  test('a sign-out while a socket is slow', async () => {
    const { browser, gate, talk } = await signedIn()
    const old = browser.twin()
    await gate.hold(talk.ask('add slowly'), () => browser.post('/logout'))
    expect(await old.sees('/')).toEqual(tears ? { user: 'anna', cart: 'a book' } : {})
  })
})
