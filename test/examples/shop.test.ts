import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { whole } from '../support/whole.ts'
import { sees, shopInBrowser } from './in-browser.ts'
import { expectGoodLooks } from './looks.ts'
import { type RunningShop, startShop, temporaryFolder } from './running-shop.ts'
import {
  add,
  cookieOf,
  device,
  devicesOf,
  firefox,
  isSignedOut,
  noticeOf,
  phone,
  signIn,
  signOutThere,
} from './visitor.ts'

const { someone, open } = shopInBrowser()

/** Without a look at the notice: with two pages at once, the other one may have shown it. */
async function addQuietly(page: Page, item: string, id: string): Promise<void> {
  await page.getByRole('button', { name: `Add ${item} to the cart` }).click()
  await page.waitForURL(`**/#${id}`)
}

const cartOf = (page: Page) => page.getByRole('region', { name: 'Your cart' })
const howMany = (page: Page, item: string) => page.getByLabel(`How many: ${item}`)

const testInWhole = whole ? test : () => {}

describe('the shop', () => {
  testInWhole('a visitor who only looks has no session and no cookie', async () => {
    const page = await open()
    await page.reload()
    await sees(page.getByText('You have none yet'))
    expect(await page.context().cookies()).toEqual([])
  })

  test('signing in gives a new id and keeps the cart', async () => {
    const page = await open()
    await add(page, 'Moon lantern')
    const before = await cookieOf(page)
    await signIn(page, 'Ada')
    await sees(page.getByText('Signed in as Ada'))
    expect(await howMany(page, 'Moon lantern').inputValue()).toBe('1')
    expect(before).toBeDefined()
    expect(await cookieOf(page)).not.toBe(before)
  })

  testInWhole('a notice is shown once and is gone at the next reload', async () => {
    const page = await open()
    await signIn(page, 'Ada')
    expect(await noticeOf(page).textContent()).toBe('Welcome, Ada.')
    await page.reload()
    expect(await noticeOf(page).count()).toBe(0)
  })

  testInWhole('the number of an item can be changed, and the item removed', async () => {
    const page = await open()
    await add(page, 'Slow candle')
    await howMany(page, 'Slow candle').fill('3')
    await page.getByRole('button', { name: 'Change the number of Slow candle' }).click()
    await sees(noticeOf(page).filter({ hasText: 'Slow candle: now 3 in your cart.' }))
    await sees(cartOf(page).getByText('€19.20'))
    await page.getByRole('button', { name: 'Remove Slow candle' }).click()
    await sees(cartOf(page).getByText('Nothing in it yet.'))
  })

  testInWhole('two pages that add at once both count, other items and the same one', async () => {
    const context = await someone()
    const pages = await Promise.all([context.newPage(), context.newPage()])
    const [one, two] = pages
    await one!.goto('/')
    await signIn(one!, 'Ada')
    await two!.goto('/')
    await Promise.all([addQuietly(one!, 'Shy bell', 'bell'), addQuietly(two!, 'Indoor kite', 'kite')])
    await Promise.all(pages.map((page) => addQuietly(page, 'Patient fern', 'fern')))
    await one!.goto('/')
    const numbers = ['Shy bell', 'Indoor kite', 'Patient fern'].map((item) =>
      howMany(one!, item).inputValue(),
    )
    expect(await Promise.all(numbers)).toEqual(['1', '1', '2'])
  })

  testInWhole('a hostile name is shown as text', async () => {
    const page = await open()
    const name = `<img src=x onerror=alert(1)>"'&`
    await signIn(page, name)
    expect(await page.locator('.who bdi').textContent()).toBe(name)
    expect(await noticeOf(page).textContent()).toBe(`Welcome, ${name}.`)
    expect(await page.title()).toBe(`Welcome, ${name}. – The shop`)
    expect(await page.locator('img').count()).toBe(0)
  })

  testInWhole('a form from another site changes nothing', async () => {
    const page = await open()
    await signIn(page, 'Ada')
    const headers = { origin: 'http://elsewhere.example' }
    const answer = await page.context().request.post('/cart/bell/add', { headers })
    expect(answer.status()).toBe(403)
    await page.reload()
    await sees(cartOf(page).getByText('Nothing in it yet.'))
  })

  test('signing out is final: the Back button does not bring the cart back, nor does the old cookie', async () => {
    const page = await open()
    await signIn(page, 'Ada')
    await add(page, 'Key to nothing')
    await page.goto('/race')
    await page.goto('/')
    const cookies = await page.context().cookies()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await sees(noticeOf(page).filter({ hasText: 'You are signed out' }))

    for (let i = 0; i < 3; i++) {
      await page.goBack()
      expect(await page.getByText('Signed in as').count()).toBe(0)
      expect(await howMany(page, 'Key to nothing').count()).toBe(0)
    }
    await page.context().addCookies(cookies)
    await page.goto('/')
    await sees(page.getByText('You have none yet'))
  })

  testInWhole('two browsers with one name see each other, and one signs the other out', async () => {
    const [one, other] = await Promise.all([open('/', firefox), open('/', phone)])
    await signIn(one, 'Radia')
    await signIn(other, 'Radia')
    await add(other, 'Indoor kite')
    for (const page of [one, other]) {
      expect(await devicesOf(page)).toEqual(['Safari on an iPhone', 'Firefox on Windows'])
      await sees(page.getByText('Signed in as Radia'))
    }
    await sees(device(other, 'Safari').getByText('This browser'))
    await sees(device(one, 'Firefox').getByText('This browser'))
    expect(await signOutThere(one, 'Firefox').count()).toBe(0)

    await signOutThere(one, 'Safari').click()
    await sees(noticeOf(one).filter({ hasText: 'That device is signed out.' }))
    await other.reload()
    expect(new URL(other.url()).pathname).toBe('/')
    expect(await isSignedOut(other)).toBe(true)
    expect(await other.getByLabel('How many: Indoor kite').count()).toBe(0)
    expect(await devicesOf(one)).toEqual(['Firefox on Windows'])
  })

  testInWhole('everything can be done with the keyboard', async () => {
    const page = await open()
    const focused = page.locator(':focus')
    const tab = async () => {
      await page.keyboard.press('Tab')
      const outline = () => page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
      await expect.poll(outline, { message: 'the focus can be seen' }).toBe('solid')
    }
    await tab()
    expect(await focused.textContent()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await tab()
    await page.keyboard.type('Grace')
    await page.keyboard.press('Enter')
    await sees(page.getByText('Signed in as Grace'))

    const button = 'Add Moon lantern to the cart'
    for (let i = 0; i < 10 && (await focused.allTextContents())[0] !== button; i++) await tab()
    await page.keyboard.press('Enter')
    await sees(noticeOf(page).filter({ hasText: 'Moon lantern: added' }))
    expect(await howMany(page, 'Moon lantern').inputValue()).toBe('1')
    // It is a new page, and the keyboard goes on where it was on the old one.
    await tab()
    expect(await focused.textContent()).toBe(button)
  })

  testInWhole('a restart of the server keeps the cart and who is signed in', async () => {
    const own = temporaryFolder()
    let restarted: RunningShop | undefined
    try {
      const first = await startShop(own.path)
      const page = await open(first.address)
      await signIn(page, 'Ada')
      await add(page, 'Umbrella for two')
      // Or the browser complains of what it was still loading.
      await page.waitForLoadState('networkidle')
      expect(await first.stop()).toBe(0)
      restarted = await startShop(own.path, { port: Number(new URL(first.address).port) })
      await page.goto(restarted.address)
      await sees(page.getByText('Signed in as Ada'))
      expect(await howMany(page, 'Umbrella for two').inputValue()).toBe('1')
    } finally {
      await restarted?.stop()
      own.remove()
    }
  })

  testInWhole('can be read in light and dark, and fits a phone', async () => {
    const page = await open()
    await signIn(page, 'W'.repeat(40))
    await add(page, 'Clock of spare minutes')
    await expectGoodLooks(page)
  })
})
