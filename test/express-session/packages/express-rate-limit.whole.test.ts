import { expect, test } from 'vitest'
import { onEach } from './sites.ts'

await onEach('express-rate-limit, by the session', 'express-rate-limit.js', ({ open }) => {
  async function entered() {
    const site = await open()
    await site.browser.post('/enter')
    return site
  }

  test('a session hits its limit, and another one of the same machine does not', async () => {
    const { browser } = await entered()
    const other = browser.twin()
    other.cookies.clear()
    await other.post('/enter')
    for (const left of [2, 1, 0]) expect(await browser.sees('/try')).toEqual({ left })
    expect(await browser.get('/try')).toMatchObject({ status: 429 })
    expect(await other.sees('/try')).toEqual({ left: 2 })
  })

  test('who signs in has another id, and a limit of their own', async () => {
    const { browser } = await entered()
    for (const left of [2, 1, 0]) expect(await browser.sees('/try')).toEqual({ left })
    await browser.post('/login')
    expect(await browser.sees('/try')).toEqual({ left: 2 })
  })

  test('overlapping requests count together', async () => {
    const { browser, gate } = await entered()
    let meanwhile: unknown
    const slow = await gate.hold(browser.get('/try-slowly'), async () => {
      meanwhile = await browser.sees('/try')
    })
    expect([slow.body, meanwhile]).toEqual([{ left: 2 }, { left: 1 }])
    expect(await browser.sees('/try')).toEqual({ left: 0 })
    expect(await browser.get('/try')).toMatchObject({ status: 429 })
  })
})
