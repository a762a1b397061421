import { expect, test } from 'vitest'
import { onEach } from './sites.ts'

await onEach('express-flash', 'express-flash.js', ({ open, tears }) => {
  const message = { info: ['It is placed.'] }

  test('a message is rendered once, after a redirect', async () => {
    const { browser } = await open()
    expect(await browser.post('/order')).toMatchObject({ status: 302, location: '/' })
    expect(await browser.sees('/')).toEqual(message)
    expect(await browser.sees('/')).toEqual({})
  })

  test('a message is rendered once, in the answer that it belongs to', async () => {
    const { browser } = await open()
    expect(await browser.post('/order-with-page')).toMatchObject({ status: 200, body: message })
    expect(await browser.sees('/')).toEqual({})
  })

  test('a message that was rendered while a slow request is under way', async () => {
    const { browser, gate } = await open()
    await browser.post('/order')
    await gate.hold(browser.post('/slowly'), () => browser.sees('/'))
    expect(await browser.sees('/')).toEqual(tears ? message : {})
  })
})
