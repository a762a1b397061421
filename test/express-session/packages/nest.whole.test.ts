import { expect, test } from 'vitest'
import { onEach } from './sites.ts'

await onEach('NestJS', 'nest.js', ({ open, tears }) => {
  async function signedIn() {
    const site = await open()
    await site.browser.post('/login', { json: { name: 'anna' } })
    return site
  }

  test('a controller signs in, under another id, and @Session() has it later', async () => {
    const { browser } = await open()
    await browser.post('/add', { json: { item: 'a book' } })
    const before = browser.twin()
    expect(await browser.get('/account')).toMatchObject({ status: 403 })
    expect(await browser.post('/login', { json: { name: 'anna' } })).toMatchObject({ status: 201 })
    expect(browser.cookies.get('connect.sid')).not.toBe(before.cookies.get('connect.sid'))
    expect(await browser.sees('/account')).toEqual({ account: 'anna' })
    expect(await browser.sees('/')).toEqual({ user: 'anna' })
    expect(await before.sees('/')).toEqual({})
  })

  test('a controller signs out, and the id finds nobody any more', async () => {
    const { browser } = await signedIn()
    const old = browser.twin()
    await browser.post('/logout')
    expect(await old.get('/account')).toMatchObject({ status: 403 })
  })

  test('a value that is set while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    await browser.post('/add', { json: { item: 'a book' } })
    await gate.hold(browser.post('/add-slowly'), () => browser.post('/add', { json: { item: 'a lamp' } }))
    const cart = tears ? 'a book' : 'a lamp'
    expect(await browser.sees('/')).toEqual({ user: 'anna', note: 'slow', cart })
  })

  test('a sign-out while a slow request is under way', async () => {
    const { browser, gate } = await signedIn()
    const old = browser.twin()
    await gate.hold(browser.post('/add-slowly'), () => browser.post('/logout'))
    expect(await old.sees('/')).toEqual(tears ? { user: 'anna', note: 'slow' } : {})
  })
})
