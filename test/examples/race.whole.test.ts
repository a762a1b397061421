import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { sees, shopInBrowser } from './in-browser.ts'
import { expectGoodLooks } from './looks.ts'

const { open, expectComplaint } = shopInBrowser()

describe('the race', () => {
  const cellsOf = (page: Page, rows: string, store: string) =>
    page.locator(`#${rows} [data-store="${store}"] td`).allTextContents()

  async function press(page: Page, name: string): Promise<void> {
    const button = page.getByRole('button', { name })
    await button.click()
    const status = page.getByRole('region').filter({ has: button }).getByRole('status')
    await sees(status.filter({ hasText: 'Done.' }))
  }

  test('untorn keeps 50 of 50 keys, the others fewer, though all 50 were answered', async () => {
    const page = await open('/race')
    expect(await cellsOf(page, 'run-rows', 'untorn')).toEqual(['–', '–', '–', '–'])
    await press(page, 'Send 50 overlapping requests')
    const kept = new Map<string, number>()
    for (const store of ['untorn', 'memory', 'file']) {
      const [answered, keys, atOnce, time] = await cellsOf(page, 'run-rows', store)
      expect([store, answered]).toEqual([store, '50'])
      expect(Number(atOnce)).toBeGreaterThan(1)
      expect(keys).toMatch(/^\d+ of 50$/)
      expect(time).toMatch(/^[\d.]+ ms$/)
      kept.set(store, Number.parseInt(keys ?? '', 10))
    }
    expect(kept.get('untorn')).toBe(50)
    expect(kept.get('memory')).toBeLessThan(50)
    expect(kept.get('file')).toBeLessThan(50)
  })

  test('the chart shows what the table says, in the colours of the scheme', async () => {
    const page = await open('/race', { reducedMotion: 'reduce', colorScheme: 'light' })
    await press(page, 'Send 50 overlapping requests')
    const drawn = await barPixels(page)
    const keys = async (store: string) =>
      Number.parseInt((await cellsOf(page, 'run-rows', store))[1] ?? '', 10)
    const [mine, peers] = [await keys('untorn'), (await keys('memory')) + (await keys('file'))]
    expect(drawn.good).toBeGreaterThan(0)
    expect(drawn.bad).toBeGreaterThan(0)
    // Bars of one thickness: their areas are as the numbers, but for the round corners.
    expect(drawn.bad / drawn.good).toBeCloseTo(peers / mine, 1)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(async () => (await barPixels(page)).good).toBeGreaterThan(0)
  })

  test('who signs out of untorn during a slow request stays signed out', async () => {
    const page = await open('/race')
    await press(page, 'Sign out during a slow request')
    expect((await cellsOf(page, 'out-rows', 'untorn')).slice(0, 2)).toEqual(['signed out for good', '200'])
    expect((await cellsOf(page, 'out-rows', 'memory'))[0]).toBe('came back as Ada')
    expect((await cellsOf(page, 'out-rows', 'file'))[0]).toBe('came back as Ada')
  })

  test('says so when the server does not answer', async () => {
    const page = await open('/race')
    expectComplaint('503')
    await page.route('**/race/run', (route) => route.fulfill({ status: 503 }))
    await page.getByRole('button', { name: 'Send 50 overlapping requests' }).click()
    await sees(page.getByRole('status').filter({ hasText: 'the server answered 503' }))
  })

  test('can be read in light and dark, and fits a phone', async () => {
    const page = await open('/race')
    await press(page, 'Sign out during a slow request')
    await press(page, 'Send 50 overlapping requests')
    await page.getByText('Show the handlers').click()
    await expectGoodLooks(page)
  })
})

/** How many pixels of the chart have the colour of what was kept whole, and of what was not. */
async function barPixels(page: Page): Promise<{ good: number; bad: number }> {
  return page.evaluate(`(() => {
    const canvas = document.getElementById('kept-chart')
    const { width, height } = canvas
    const copy = Object.assign(document.createElement('canvas'), { width, height })
    const picture = copy.getContext('2d', { willReadFrequently: true })
    picture.drawImage(canvas, 0, 0)
    const { data } = picture.getImageData(0, 0, width, height)
    const style = getComputedStyle(document.documentElement)
    const count = (name) => {
      const hex = style.getPropertyValue(name).match(/[0-9a-f]{2}/g)
      const [r, g, b] = hex.map((digits) => parseInt(digits, 16))
      let pixels = 0
      for (let i = 0; i < data.length; i += 4) {
        if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) pixels++
      }
      return pixels
    }
    return { good: count('--good'), bad: count('--bad') }
  })()`)
}
