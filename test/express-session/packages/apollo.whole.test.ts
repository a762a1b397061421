import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { onEach } from './sites.ts'

await onEach('Apollo Server', 'apollo.js', ({ open, tears, express }) => {
  const ask = async (browser: Browser, query: string) => {
    const { body } = await browser.post('/graphql', { json: { query } })
    return (body as { data: unknown }).data
  }
  const login = 'mutation { login(name: "anna") }'

  test('a mutation signs in, under another id, and later requests know who it is', async () => {
    const { browser } = await open({ major: express })
    expect(await ask(browser, 'mutation { add(item: "a book") }')).toEqual({ add: ['a book'] })
    const before = browser.twin()
    expect(await ask(browser, login)).toEqual({ login: 'anna' })
    expect(browser.cookies.get('connect.sid')).not.toBe(before.cookies.get('connect.sid'))
    expect(await ask(browser, '{ user cart }')).toEqual({ user: 'anna', cart: [] })
    expect(await ask(before, '{ user cart }')).toEqual({ user: null, cart: [] })
  })

  test('the fields of one mutation change the session one after the other', async () => {
    const { browser } = await open({ major: express })
    await ask(browser, `mutation { login(name: "anna") a: add(item: "a book") b: add(item: "a lamp") }`)
    expect(await ask(browser, '{ user cart }')).toEqual({ user: 'anna', cart: ['a book', 'a lamp'] })
  })

  test('a query begins no session', async () => {
    const { browser } = await open({ major: express })
    expect(await browser.post('/graphql', { json: { query: '{ user }' } })).toMatchObject({ sets: [] })
  })

  test('a mutation while a slow one is under way', async () => {
    const { browser, gate } = await open({ major: express })
    await ask(browser, 'mutation { login(name: "anna") add(item: "a book") }')
    const slow = ask(browser, 'mutation { noteSlowly(text: "slow") }')
    await gate.hold(slow, () => ask(browser, 'mutation { add(item: "a lamp") }'))
    const cart = ['a book', ...(tears ? [] : ['a lamp'])]
    expect(await ask(browser, '{ user cart note }')).toEqual({ user: 'anna', cart, note: 'slow' })
  })

  test('a sign-out while a slow mutation is under way', async () => {
    const { browser, gate } = await open({ major: express })
    await ask(browser, login)
    const slow = ask(browser, 'mutation { noteSlowly(text: "slow") }')
    await gate.hold(slow, () => ask(browser, 'mutation { logout }'))
    expect(await ask(browser, '{ user }')).toEqual({ user: tears ? 'anna' : null })
  })
})
