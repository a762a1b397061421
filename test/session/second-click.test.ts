import { describe, expect, test } from 'vitest'
import { cookieHeader, site } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

describe.each(bothKinds)('signing in twice from one page, on $kind', ({ slow }) => {
  async function visitorWithACart() {
    const shop = site({ slow })
    const first = await shop.sessions.open(undefined)
    first.set('cart', ['tea'])
    first.set('token', 'planted')
    return { shop, cookie: cookieHeader(await first.commit()) }
  }

  test('the second click, once the first is done, keeps the cart that is with the first by now', async () => {
    const { shop, cookie } = await visitorWithACart()
    const first = await shop.sessions.open(cookie)
    await first.login('ada', { keep: ['cart'] })
    first.update('cart', (cart = []) => [...cart, 'milk'])
    await first.commit()
    const second = await shop.sessions.open(cookie)
    await second.login('ada', { keep: ['cart'] })
    const seen = await shop.sessions.open(cookieHeader(await second.commit()))
    expect([seen.owner, seen.toJSON()]).toEqual(['ada', { cart: ['tea', 'milk'] }])
  })

  test('somebody else who signs in from there gets nothing of it', async () => {
    const { shop, cookie } = await visitorWithACart()
    const first = await shop.sessions.open(cookie)
    await first.login('ada', { keep: ['cart'] })
    await first.commit()
    const second = await shop.sessions.open(cookie)
    await second.login('eve', { keep: ['cart'] })
    expect([second.owner, second.toJSON()]).toEqual(['eve', {}])
  })

  test('nor does it come back once the first has signed out', async () => {
    const { shop, cookie } = await visitorWithACart()
    const first = await shop.sessions.open(cookie)
    await first.login('ada', { keep: ['cart'] })
    await first.commit()
    await first.logout()
    const second = await shop.sessions.open(cookie)
    await second.login('ada', { keep: ['cart'] })
    expect([second.owner, second.toJSON()]).toEqual(['ada', {}])
  })
})
