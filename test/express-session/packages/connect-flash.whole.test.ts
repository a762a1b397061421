import { expect, test } from 'vitest'
import { onEach } from './sites.ts'

await onEach('connect-flash', 'connect-flash.js', ({ open, tears }) => {
  const messages = { info: ['Order 12 is placed.', 'It comes tomorrow.'], warning: ['It is raining.'] }

  test('messages are shown once, on the next page', async () => {
    const { browser } = await open()
    expect(await browser.post('/order')).toMatchObject({ status: 302, sets: ['connect.sid'] })
    expect(await browser.sees('/')).toEqual(messages)
    expect(await browser.sees('/')).toEqual({})
  })

  test('messages of one kind are taken, and the others stay', async () => {
    const { browser } = await open()
    await browser.post('/order')
    expect(await browser.sees('/warnings')).toEqual(messages.warning)
    expect(await browser.sees('/warnings')).toEqual([])
    expect(await browser.sees('/')).toEqual({ info: messages.info })
  })

  test('messages of two requests are shown together', async () => {
    const { browser } = await open()
    await browser.post('/order')
    await browser.post('/order')
    const twice = (list: string[]) => [...list, ...list]
    expect(await browser.sees('/')).toEqual({
      info: twice(messages.info),
      warning: twice(messages.warning),
    })
  })

  test('messages of a request while a slow one is under way', async () => {
    const { browser, gate } = await open()
    await browser.post('/cart')
    await gate.hold(browser.post('/slowly'), () => browser.post('/order'))
    expect(await browser.sees('/')).toEqual(tears ? {} : messages)
    expect(await browser.sees('/values')).toEqual({ cart: 'a book', note: 'slow' })
  })

  test('messages that were shown while a slow request is under way', async () => {
    const { browser, gate } = await open()
    await browser.post('/order')
    await gate.hold(browser.post('/slowly'), () => browser.sees('/'))
    expect(await browser.sees('/')).toEqual(tears ? messages : {})
  })

  test('a session that is destroyed while a slow request is under way', async () => {
    const { browser, gate } = await open()
    await browser.post('/cart')
    await gate.hold(browser.post('/slowly'), () => browser.post('/logout'))
    expect(await browser.sees('/values')).toEqual(tears ? { cart: 'a book', note: 'slow' } : {})
  })
})
