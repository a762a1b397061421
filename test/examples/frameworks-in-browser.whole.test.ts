import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { inBrowser, sees } from './in-browser.ts'
import { expectGoodLooks } from './looks.ts'
import { type RunningExample, startExample } from './running-example.ts'

/** Those whose forms are sent by scripts of their own, where there is JavaScript. */
const STALLS = ['react-router', 'sveltekit', 'tanstack-start']

describe.each(STALLS)('the stall on %s in a browser', { timeout: 90_000 }, (name) => {
  let running: RunningExample

  // Built as it starts.
  beforeAll(async () => {
    running = await startExample(name)
  }, 300_000)

  const { someone } = inBrowser(
    async () => running,
    () => {},
  )

  describe.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('%s', (_how, javaScriptEnabled) => {
    /** Tabs of one browser, with their scripts at work. */
    async function tabs(): Promise<[Page, Page]> {
      const context = await someone({ javaScriptEnabled })
      const pages: [Page, Page] = [await context.newPage(), await context.newPage()]
      await Promise.all(pages.map((page) => page.goto('/', { waitUntil: 'networkidle' })))
      if (javaScriptEnabled) await Promise.all(pages.map((page) => page.evaluate('self.isFirst = true')))
      return pages
    }

    /** Whether forms were sent without the page being loaded anew: as it should be, with JavaScript alone. */
    async function expectSentByScript(...pages: Page[]): Promise<void> {
      if (!javaScriptEnabled) return
      for (const page of pages) expect(await page.evaluate('self.isFirst')).toBe(true)
    }

    test('two tabs that save at the same time both keep what was written', async () => {
      const [one, two] = await tabs()
      await add(one, 'A cup')
      await Promise.all([write(one, 'one', 'of one'), write(two, 'two', 'of two')])
      await Promise.all([send(one, 'one'), send(two, 'two')])
      await Promise.all([sees(one.getByText('Tab one: of one')), sees(two.getByText('Tab two: of two'))])
      await expectSentByScript(one, two)
      await one.reload()
      await sees(one.getByText('Tab two: of two'))
      await sees(one.getByText('A cup: 1 in your cart'))
    })

    test('who signs out in one tab while the other saves is signed out', async () => {
      const [one, two] = await tabs()
      await signIn(one)
      await two.reload({ waitUntil: 'networkidle' })
      const saved = one.waitForResponse((answer) => answer.request().method() === 'POST')
      await save(one, 'one', 'late')
      await two.getByRole('button', { name: 'Sign out' }).click()
      await sees(two.getByRole('button', { name: 'Sign in' }))
      expect((await saved).ok() || (await saved).status() === 303).toBe(true)
      await sees(one.getByRole('button', { name: 'Sign in' }))
      await expectSentByScript(one)
      for (const page of [one, two]) {
        await page.reload()
        await sees(page.getByRole('button', { name: 'Sign in' }))
        await sees(page.getByText('Tab one: nothing yet'))
      }
    })

    test('a message is shown once', async () => {
      const [one, two] = await tabs()
      await signIn(one)
      await add(one, 'A tin of tea')
      await expectSentByScript(one)
      for (const page of [two, one]) {
        await page.reload()
        await sees(page.getByText('A tin of tea: 1 in your cart'))
        expect(await page.getByRole('status').count()).toBe(0)
      }
    })
  })

  test('one page can save twice, and sign out, while it saves', async () => {
    const page = await (await someone()).newPage()
    await page.goto('/', { waitUntil: 'networkidle' })
    await signIn(page)
    const [first, second] = ['first', 'second'].map((text) => answerTo(page, text))
    await save(page, 'one', 'first')
    await save(page, 'two', 'second')
    // Neither gives the other one up.
    await Promise.all([first, second])
    await sees(page.getByText('Tab one: first'))
    await sees(page.getByText('Tab two: second'))
    await page.reload({ waitUntil: 'networkidle' })
    await sees(page.getByText('Tab one: first'))
    await sees(page.getByText('Tab two: second'))
    const saved = answerTo(page, 'late')
    await save(page, 'one', 'late')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await sees(page.getByRole('button', { name: 'Sign in' }))
    await saved
    await page.reload()
    await sees(page.getByRole('button', { name: 'Sign in' }))
    await sees(page.getByText('Tab one: nothing yet'))
  })

  test('can be read in light and dark, and fits a phone', async () => {
    const page = await (await someone()).newPage()
    await page.goto('/')
    await signIn(page)
    await expectGoodLooks(page, { texts: 12 })
  })
})

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('Ada')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByRole('status').filter({ hasText: 'Welcome, Ada.' }))
}

async function add(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: `Add ${item}` }).click()
  await sees(page.getByRole('status').filter({ hasText: `${item}: added to your cart.` }))
}

/** The answer to the form with this text in it. */
const answerTo = (page: Page, text: string) =>
  page.waitForResponse((answer) => answer.request().postData()?.includes(text) ?? false)

async function save(page: Page, tab: string, text: string): Promise<void> {
  await write(page, tab, text)
  await send(page, tab)
}

const noteOf = (page: Page, tab: string) => page.getByLabel(`Note of tab ${tab}`)
const write = (page: Page, tab: string, text: string) => noteOf(page, tab).fill(text)

/** Presses the button at once, whatever the page is doing, and doesn't wait for the answer, which takes a second. */
async function send(page: Page, tab: string): Promise<void> {
  const sent = page.waitForRequest((request) => request.method() === 'POST')
  const item = page.getByRole('listitem').filter({ has: noteOf(page, tab) })
  await item.getByRole('button', { name: 'Save' }).dispatchEvent('click')
  await sent
}
