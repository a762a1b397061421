import { expect, test } from 'vitest'
import { onEachStore } from './sites.ts'

await onEachStore('@fastify/session, by its store', 'fastify.js', ({ open, tears }) => {
  async function signedIn() {
    const site = await open()
    await site.browser.post('/login/anna')
    return site
  }

  test('a session begins with its first value, and is found by the next request', async () => {
    const { browser } = await open()
    expect(await browser.get('/')).toMatchObject({ body: {}, sets: [] })
    expect(await browser.post('/add')).toMatchObject({ status: 200, sets: ['sessionId'] })
    await browser.post('/add')
    expect(await browser.sees('/')).toEqual({ cart: ['a book', 'a book'] })
  })

  test('who signs in has another id and what they want to keep, and the old one finds nothing', async () => {
    const { browser } = await open()
    await browser.post('/add')
    const before = browser.twin()
    await browser.post('/login/anna')
    expect(browser.cookies.get('sessionId')).not.toBe(before.cookies.get('sessionId'))
    expect(await browser.sees('/')).toEqual({ user: 'anna', cart: ['a book'] })
    expect(await before.sees('/')).toEqual({})
  })

  test('who signs out is known no more', async () => {
    const { browser } = await signedIn()
    const old = browser.twin()
    await browser.post('/logout')
    expect(await old.sees('/')).toEqual({})
  })

  test('a value that is set while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    await browser.post('/add')
    await gate.hold(browser.post('/add-slowly'), () => browser.post('/add'))
    const cart = ['a book', ...(tears ? [] : ['a book'])]
    expect(await browser.sees('/')).toEqual({ user: 'anna', note: 'slow', cart })
  })

  test('a value that is set while a request that changes nothing is slow', async () => {
    const { browser, gate } = await signedIn()
    await gate.hold(browser.get('/slowly'), () => browser.post('/add'))
    expect(await browser.sees('/')).toEqual({ user: 'anna', ...(!tears && { cart: ['a book'] }) })
  })

  test('a sign-out while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    const old = browser.twin()
    await gate.hold(old.post('/add-slowly'), () => browser.post('/logout'))
    expect(await old.sees('/')).toEqual(tears ? { user: 'anna', note: 'slow' } : {})
  })
})
