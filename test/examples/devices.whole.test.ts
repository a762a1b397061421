import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { sees, shopInBrowser } from './in-browser.ts'
import { expectGoodLooks } from './looks.ts'
import { startShop, temporaryFolder } from './running-shop.ts'
import {
  add,
  cookieOf,
  devicesOf,
  firefox,
  isSignedOut,
  noticeOf,
  phone,
  post,
  signIn,
  signOutThere,
} from './visitor.ts'

const { open, expectComplaint } = shopInBrowser()

/** Somebody's browsers, each with its own cookie, signed in one after the other. */
async function signedIn(name: string, ...kinds: object[]): Promise<Page[]> {
  const pages = await Promise.all(kinds.map((kind) => open('/', kind)))
  for (const page of pages) await signIn(page, name)
  return pages
}

/** The handle of the first device that can be signed out, as the page has it. */
async function handleOn(page: Page): Promise<string> {
  const action = await page.locator('form[action^="/devices/sign-out/"]').first().getAttribute('action')
  return action!.split('/').at(-1)!
}

describe('the devices of somebody', () => {
  test('"everywhere else" leaves this browser alone', async () => {
    const [one, ...others] = (await signedIn('Grace', phone, firefox, firefox)) as [Page, ...Page[]]
    expect(await devicesOf(one)).toHaveLength(3)
    await one.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await sees(noticeOf(one).filter({ hasText: 'You are signed out everywhere else.' }))
    expect(await Promise.all(others.map(isSignedOut))).toEqual([true, true])
    expect(await devicesOf(one)).toEqual(['Safari on an iPhone'])
    expect(await one.getByRole('button', { name: 'Sign out everywhere else' }).count()).toBe(0)
  })

  test('"everywhere" ends this one, too, and whoever signs in again is signed in', async () => {
    const [one, other] = (await signedIn('Edsger', phone, firefox)) as [Page, Page]
    await one.goto('/devices')
    await one.getByRole('button', { name: 'Sign out everywhere, here too' }).click()
    await sees(noticeOf(one).filter({ hasText: 'You are signed out everywhere.' }))
    expect(await Promise.all([one, other].map(isSignedOut))).toEqual([true, true])
    await signIn(one, 'Edsger')
    expect(await devicesOf(one)).toEqual(['Safari on an iPhone'])
  })

  test('somebody else sees none of them, and can end none by its handle', async () => {
    const [one, other] = (await signedIn('Barbara', firefox, phone)) as [Page, Page]
    const [eve] = (await signedIn('Eve', firefox)) as [Page]
    expect(await devicesOf(eve)).toEqual(['Firefox on Windows'])
    await one.goto('/devices')
    const handle = await handleOn(one)

    expect(await post(eve, `/devices/sign-out/${handle}`)).toBe(303)
    await eve.reload()
    await sees(noticeOf(eve).filter({ hasText: 'You have no such device' }))
    expect(await devicesOf(other)).toHaveLength(2)
    // It is a handle that works: for whom it belongs to.
    expect(await post(one, `/devices/sign-out/${handle}`)).toBe(303)
    expect(await isSignedOut(other)).toBe(true)
  })

  test('who has not signed in has no devices, and orders nothing', async () => {
    const page = await open()
    await add(page, 'Slow candle')
    await page.goto('/devices')
    expect(new URL(page.url()).pathname).toBe('/')
    expect(await page.getByRole('button', { name: 'Order' }).count()).toBe(0)
    expect(await post(page, '/order')).toBe(303)
    await page.reload()
    await sees(noticeOf(page).filter({ hasText: 'Please sign in first.' }))
    expect(await page.getByLabel('How many: Slow candle').inputValue()).toBe('1')
  })

  test('a second click on "Sign in" signs in, too, and is no second device', async () => {
    const page = await open()
    await add(page, 'Shy bell')
    const click = () => post(page, '/sign-in', { name: 'Alan' })
    expect(await Promise.all([click(), click()])).toEqual([303, 303])
    expect(await devicesOf(page)).toHaveLength(1)
  })

  test('who began to sign in before "everywhere" is not signed in, and told why', async () => {
    const [page] = (await signedIn('Donald', firefox)) as [Page]
    const { origin } = new URL(page.url())
    const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' }
    const slow = request(`${origin}/sign-in`, {
      method: 'POST',
      headers: { ...headers, expect: '100-continue' },
    })
    slow.flushHeaders()
    // It has arrived; its name has not.
    await once(slow, 'continue')
    await page.goto('/devices')
    await page.getByRole('button', { name: 'Sign out everywhere, here too' }).click()
    await sees(noticeOf(page).filter({ hasText: 'You are signed out everywhere.' }))
    slow.end('name=Donald')
    const [answer] = (await once(slow, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(401)
    expect(await text(answer)).toContain('You were signed out everywhere just then')
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('whoever signed in a while ago is asked for the name again, and the step goes on', async () => {
    const own = temporaryFolder()
    // Everybody signed in a while ago.
    const shop = await startShop(own.path, { askAgainAfter: '1ms' })
    try {
      expectComplaint('401')
      const [page, other] = (await signedIn(
        'Radia',
        { ...firefox, baseURL: shop.address },
        { ...phone, baseURL: shop.address },
      )) as [Page, Page]
      await add(page, 'Umbrella for two')
      const before = await cookieOf(page)
      await page.getByRole('button', { name: 'Order' }).click()
      await sees(page.getByRole('heading', { name: 'Is it still you?' }))
      await expectGoodLooks(page, { texts: 8 })

      await page.getByLabel('Your name').fill('Eve')
      await page.getByRole('button', { name: 'Go on' }).click()
      await sees(noticeOf(page).filter({ hasText: 'That is not the name' }))
      expect(await cookieOf(page)).toBe(before)
      await sees(page.getByText('Cart (1)'))

      await page.getByLabel('Your name').fill('Radia')
      await page.keyboard.press('Enter')
      await sees(noticeOf(page).filter({ hasText: 'Ordered, for €36.00.' }))
      await sees(page.getByText('Cart (0)'))
      expect(await cookieOf(page)).not.toBe(before)
      expect(await devicesOf(page)).toHaveLength(2)

      await signOutThere(page, 'Safari').click()
      await sees(page.getByRole('heading', { name: 'Is it still you?' }))
      expect(await isSignedOut(other)).toBe(false)
      await page.getByLabel('Your name').fill('Radia')
      await page.keyboard.press('Enter')
      await sees(noticeOf(page).filter({ hasText: 'That device is signed out.' }))
      expect(await isSignedOut(other)).toBe(true)
    } finally {
      await shop.stop()
      own.remove()
    }
  })

  test('the page of devices can be read in light and dark, and fits a phone', async () => {
    const [page] = (await signedIn('W'.repeat(40), firefox, phone, firefox)) as [Page]
    await page.goto('/devices')
    await expectGoodLooks(page)
  })
})
