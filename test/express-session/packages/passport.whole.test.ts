import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { onEach } from './sites.ts'

await onEach('passport with passport-local', 'passport.js', ({ open, tears }) => {
  const right = { form: { username: 'anna', password: 'right' } }
  const wrong = { form: { username: 'anna', password: 'wrong' } }

  async function signedIn() {
    const site = await open()
    expect(await site.browser.post('/login', right)).toMatchObject({ status: 302, location: '/' })
    return site
  }
  const id = (browser: Browser) => browser.cookies.get('connect.sid')

  test('who signs in is known in the next request, under another id', async () => {
    const { browser } = await open()
    await browser.post('/put', { form: { cart: 'a book' } })
    const before = id(browser)
    const thief = browser.twin()
    expect(await browser.post('/login', right)).toMatchObject({ location: '/', sets: ['connect.sid'] })
    expect(id(browser)).not.toBe(before)
    expect(await browser.sees('/account')).toEqual({ account: 'anna' })
    expect(await thief.sees('/')).toEqual({ user: null })
  })

  test('values of before a sign-in go, and stay with keepSessionInfo', async () => {
    const { browser } = await open()
    const other = browser.twin()
    for (const visitor of [browser, other]) await visitor.post('/put', { form: { cart: 'a book' } })
    await browser.post('/login', right)
    expect(await browser.sees('/')).toEqual({ user: 'anna' })
    await other.post('/login-and-keep', right)
    expect(await other.sees('/')).toEqual({ user: 'anna', cart: 'a book' })
  })

  test('each failure leaves a message, shown once', async () => {
    const { browser } = await open()
    expect(await browser.post('/login', wrong)).toMatchObject({ status: 302, location: '/login' })
    await browser.post('/login', wrong)
    expect(await browser.sees('/login')).toEqual(['Wrong password.', 'Wrong password.'])
    expect(await browser.sees('/login')).toEqual([])
    expect(await browser.sees('/')).toMatchObject({ user: null })
  })

  test('a sign-in leads to the page that asked for it, once, where values are kept', async () => {
    const { browser } = await open()
    expect(await browser.get('/account')).toMatchObject({ status: 302, location: '/login' })
    expect(await browser.post('/login-and-keep', right)).toMatchObject({ location: '/account' })
    expect(await browser.sees('/account')).toEqual({ account: 'anna' })
    expect(await browser.post('/login-and-keep', right)).toMatchObject({ location: '/' })
    expect(await browser.sees('/')).toEqual({ user: 'anna' })
  })

  test('who signs out is known no more, under either id, and can sign in again', async () => {
    const { browser } = await signedIn()
    const thief = browser.twin()
    expect(await browser.post('/logout')).toMatchObject({ status: 302, location: '/' })
    expect(id(browser)).not.toBe(id(thief))
    for (const who of [browser, thief]) {
      expect(await who.sees('/')).toEqual({ user: null })
      expect(await who.get('/account')).toMatchObject({ location: '/login' })
    }
    await browser.post('/login', { form: { username: 'berta', password: 'right' } })
    expect(await browser.sees('/account')).toEqual({ account: 'berta' })
  })

  test('a value that is set while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    await browser.post('/put', { form: { cart: 'a book' } })
    const slow = browser.post('/put-slowly', { form: { note: 'slow' } })
    await gate.hold(slow, () => browser.post('/put', { form: { cart: 'a lamp', theme: 'dark' } }))
    const before = { user: 'anna', note: 'slow', cart: 'a book' }
    expect(await browser.sees('/')).toEqual(tears ? before : { ...before, cart: 'a lamp', theme: 'dark' })
  })

  test('a sign-out while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    const old = browser.twin()
    const slow = old.post('/put-slowly', { form: { note: 'slow' } })
    await gate.hold(slow, () => browser.post('/logout'))
    expect(await browser.sees('/')).toEqual({ user: null })
    expect(await old.sees('/')).toEqual(tears ? { user: 'anna', note: 'slow' } : { user: null })
  })

  test('a second click on "sign in", which is answered first', async () => {
    const { browser, gate } = await open()
    await browser.post('/put', { form: { cart: 'a book' } })
    const first = browser.post('/login', { form: { username: 'anna', password: 'right, slowly' } })
    const second = browser.twin()
    await gate.hold(first, () => second.post('/login', right))
    expect(await browser.sees('/account')).toEqual({ account: 'anna' })
    expect(await second.sees('/account')).toEqual({ account: 'anna' })
  })

  test('a sign-in while a slow request of the visitor from before is under way', async () => {
    const { browser, gate } = await open()
    await browser.post('/put', { form: { cart: 'a book' } })
    const slow = browser.post('/put-slowly', { form: { note: 'slow' } })
    await gate.hold(slow, () => browser.post('/login', right))
    expect(await browser.sees('/')).toEqual({ user: 'anna' })
  })
})
