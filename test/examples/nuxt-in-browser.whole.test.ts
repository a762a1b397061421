import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { inBrowser, sees } from './in-browser.ts'
import { expectGoodLooks } from './looks.ts'
import { startExample } from './running-example.ts'

const { open, someone } = inBrowser(
  () => startExample('nuxt'),
  () => {},
)

// It is built before the first of them.
const BUILDS = { timeout: 300_000 }

const textOf = (page: Page) => page.locator('main').innerText()

/** The page is Vue's by now, and not only what the server has sent. */
const hydrated = (page: Page) =>
  page.waitForFunction('document.querySelector("#__nuxt").__vue_app__ !== undefined')

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByText(`Signed in as ${name}.`))
}

test('a message is shown once, and stays while the page becomes that of Vue', BUILDS, async () => {
  const page = await open()
  await hydrated(page)
  await page.getByRole('button', { name: 'Add A tin of tea' }).click()
  const message = page.getByRole('status').filter({ hasText: 'A tin of tea: added to your cart.' })
  await sees(message)
  await hydrated(page)
  expect(await message.count()).toBe(1)
  await page.reload()
  await hydrated(page)
  expect(await message.count()).toBe(0)
  expect(await textOf(page)).toContain('A tin of tea: 1 in your cart')
})

test('two tabs that save at the same time keep both notes', async () => {
  const browser = await someone()
  const tabs = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const page = await browser.newPage()
      await page.goto('/')
      return { name, page }
    }),
  )
  await signIn(tabs[0]!.page, 'Ada')
  await Promise.all(
    tabs.map(async ({ name, page }) => {
      const note = page.getByLabel(`Note of tab ${name}`)
      await note.fill(`of ${name}`)
      await Promise.all([page.waitForURL('/'), note.press('Enter')])
      await sees(page.getByText(`Tab ${name}: of ${name}`))
    }),
  )
  const [{ page }] = tabs as [(typeof tabs)[0]]
  await page.reload()
  const text = await textOf(page)
  expect(text).toContain('Tab one: of one')
  expect(text).toContain('Tab two: of two')
})

test('who signs out while another tab saves stays signed out, in both', async () => {
  const browser = await someone()
  const [slow, other] = [await browser.newPage(), await browser.newPage()]
  await slow.goto('/')
  await signIn(slow, 'Ada')
  await other.goto('/')
  const note = slow.getByLabel('Note of tab one')
  await note.fill('late')
  const asked = slow.waitForRequest('**/notes/one')
  const saved = slow.waitForResponse('**/notes/one')
  const pressed = note.press('Enter')
  await asked
  await other.getByRole('button', { name: 'Sign out' }).click()
  await sees(other.getByLabel('Name'))
  expect((await saved).status()).toBe(303)
  await pressed
  // A page that is on its way somewhere can't be sent elsewhere.
  await sees(slow.getByLabel('Name'))
  for (const page of [slow, other]) {
    await page.goto('/')
    await sees(page.getByLabel('Name'))
  }
})

test('it can be read in light and in dark, and fits a phone', async () => {
  const page = await open()
  await signIn(page, 'Ada')
  await expectGoodLooks(page, { texts: 10 })
})
