import { expect, test } from 'vitest'
import { startProvider } from './provider.ts'
import { onEach } from './sites.ts'

await onEach('express-openid-connect, by its store', 'express-openid-connect.js', ({ open, tears }) => {
  async function opened() {
    const provider = await startProvider()
    return { ...(await open({ provider: provider.url })), provider }
  }
  async function signedIn() {
    const site = await opened()
    expect((await site.browser.follows('/login')).body).toEqual({ user: 'anna' })
    return site
  }

  test('a page that asks for it leads to the provider, and back to where they wanted to be', async () => {
    const { browser, provider } = await opened()
    expect((await browser.get('/account')).location).toMatch(`${provider.url}/authorize`)
    expect((await browser.follows('/account')).body).toEqual({ account: 'anna' })
    expect(await browser.sees('/')).toEqual({ user: 'anna' })
    expect(provider.tokens).toBe(1)
  })

  test('a forged answer of the provider is refused', async () => {
    const { browser, provider } = await opened()
    const back = new URL((await browser.get((await browser.get('/login')).location!)).location!)
    back.searchParams.set('state', 'another')
    expect(await browser.get(back.href)).toMatchObject({ status: 400 })
    expect(await browser.sees('/')).toEqual({ user: null })
    expect(provider.tokens).toBe(0)
  })

  test('values of the application stay, and go with the sign-out', async () => {
    const { browser } = await signedIn()
    await browser.post('/put')
    expect(await browser.sees('/')).toEqual({ user: 'anna', cart: 'a book' })
    const thief = browser.twin()
    expect(await browser.get('/logout')).toMatchObject({ status: 302 })
    expect(await browser.sees('/')).toEqual({ user: null })
    expect(await thief.sees('/')).toEqual({ user: null })
  })

  test('values of before a sign-in stay, under another id', async () => {
    const { browser } = await opened()
    await browser.post('/put')
    const before = browser.twin()
    expect((await browser.follows('/login')).body).toEqual({ user: 'anna', cart: 'a book' })
    expect(browser.cookies.get('appSession')).not.toBe(before.cookies.get('appSession'))
    expect(await before.sees('/')).toEqual({ user: null })
  })

  test('another user has another id, and nothing of the one before', async () => {
    const { browser, provider } = await signedIn()
    await browser.post('/put')
    const before = browser.twin()
    provider.user = 'berta'
    expect((await browser.follows('/login')).body).toEqual({ user: 'berta' })
    expect(browser.cookies.get('appSession')).not.toBe(before.cookies.get('appSession'))
    expect(await before.sees('/')).toEqual({ user: null })
  })

  test('who comes with a session that was signed out elsewhere has an empty one, which is kept', async () => {
    const { browser } = await signedIn()
    await browser.twin().get('/logout')
    expect(await browser.sees('/')).toEqual({ user: null })
    await browser.post('/put')
    expect(await browser.sees('/')).toEqual({ user: null, cart: 'a book' })
  })

  test('a value that is set while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    await gate.hold(browser.get('/slowly'), () => browser.post('/put'))
    expect(await browser.sees('/')).toEqual(tears ? { user: 'anna' } : { user: 'anna', cart: 'a book' })
  })

  test('a sign-out while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    const old = browser.twin()
    await gate.hold(old.get('/slowly'), () => browser.get('/logout'))
    expect(await old.sees('/')).toEqual({ user: tears ? 'anna' : null })
  })
})
