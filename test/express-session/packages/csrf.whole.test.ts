import { describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { onEach } from './sites.ts'

/** The packages, and whether the session has what a token is checked with. */
const ways = { csurf: true, lusca: true, 'csrf-sync': true, 'csrf-csrf': false }

await onEach('tokens against forged forms', 'csrf.js', ({ open, tears }) => {
  describe.each(Object.entries(ways))('by %s', (way, inSession) => {
    const tokenOf = async (browser: Browser) => ((await browser.sees('/form')) as { token: string }).token
    const pay = (browser: Browser, token?: string) =>
      browser.post('/pay', { headers: token === undefined ? {} : { 'x-csrf-token': token } })

    test('a form is taken with its token, as often as it is sent', async () => {
      const { browser } = await open({ way })
      const token = await tokenOf(browser)
      expect(await pay(browser, token)).toMatchObject({ status: 200, body: { paid: 1 } })
      expect(await pay(browser, token)).toMatchObject({ status: 200, body: { paid: 2 } })
    })

    test('a form without a token is refused, or with one that is wrong or of another session', async () => {
      const { browser } = await open({ way })
      const token = await tokenOf(browser)
      const stranger = browser.twin()
      stranger.cookies.clear()
      const other = await tokenOf(stranger)
      for (const wrong of [undefined, `${token.slice(0, -4)}AAAA`, other])
        expect(await pay(browser, wrong)).toMatchObject({ status: 403 })
      expect(await pay(browser, token)).toMatchObject({ body: { paid: 1 } })
    })

    test('a token of before a sign-in is refused, and one of after it is taken', async () => {
      const { browser } = await open({ way })
      const before = await tokenOf(browser)
      await browser.post('/login')
      expect(await pay(browser, before)).toMatchObject({ status: 403 })
      expect(await pay(browser, await tokenOf(browser))).toMatchObject({ status: 200, body: { paid: 1 } })
    })

    test('a form that was made while a slow request was under way', async () => {
      const { browser, gate } = await open({ way })
      await browser.post('/put')
      let token = ''
      await gate.hold(browser.post('/slowly'), async () => {
        token = await tokenOf(browser)
      })
      const lost = tears && inSession
      expect(await pay(browser, token)).toMatchObject({ status: lost ? 403 : 200 })
    })
  })
})
