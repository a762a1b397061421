import { expect, test } from 'vitest'
import { onEach } from './sites.ts'

await onEach('cookie-parser', 'cookie-parser.js', ({ open, tears }) => {
  const own = 'a secret of the sessions'
  const cookies = { cookies: 'de', signed: { pages: ['/enter'] } }

  test('the session is found by the secret of cookie-parser where it has none of its own', async () => {
    const { browser } = await open()
    expect((await browser.post('/enter')).sets.sort()).toEqual(['connect.sid', 'language', 'seen'])
    expect(await browser.sees('/')).toEqual({ values: { entered: true }, ...cookies, id: true })
  })

  test('the session is found by its own secret, which cookie-parser does not know', async () => {
    const { browser } = await open({ own })
    await browser.post('/enter')
    expect(await browser.sees('/')).toEqual({ values: { entered: true }, ...cookies, id: false })
  })

  test('a cookie that was tampered with is none', async () => {
    for (const more of [{}, { own }]) {
      const { browser } = await open(more)
      await browser.post('/enter')
      const sid = browser.cookies.get('connect.sid')!
      browser.cookies.set('connect.sid', `${sid.slice(0, -4)}AAAA`)
      expect(await browser.sees('/')).toMatchObject({ values: {}, ...cookies })
    }
  })

  test('a value that is set while a slow request is under way', async () => {
    const { browser, gate } = await open()
    await browser.post('/enter')
    await gate.hold(browser.post('/slowly'), () => browser.post('/cart'))
    const values = { entered: true, note: 'slow', ...(!tears && { cart: 'a book' }) }
    expect(await browser.sees('/')).toEqual({ values, ...cookies, id: true })
  })
})
