import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { inBrowser, sees } from './in-browser.ts'
import { expectGoodLooks } from './looks.ts'
import { type RunningExample, startExample } from './running-example.ts'

let running: RunningExample

beforeAll(async () => {
  running = await startExample('next')
}, 300_000)

const { someone, open } = inBrowser(
  async () => running,
  () => {},
)

const press = (page: Page, name: string) => page.getByRole('button', { name }).click({ noWaitAfter: true })

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await press(page, 'Sign in')
}

/** Presses the button, and waits until its handler has the session: it takes a second. */
async function beginToSave(page: Page, tab: string): Promise<void> {
  const note = page.getByLabel(`Note of tab ${tab}`)
  await note.fill(`of ${tab}`)
  const sent = page.waitForRequest((request) => request.method() === 'POST')
  await note.press('Enter', { noWaitAfter: true })
  await sent
}

describe.each([
  ['by the router of Next.js', true],
  ['without JavaScript', false],
])('the stall on Next.js, %s', (_, javaScriptEnabled) => {
  async function twoTabs(): Promise<[Page, Page]> {
    const context = await someone({ javaScriptEnabled })
    const tabs: [Page, Page] = [await context.newPage(), await context.newPage()]
    for (const tab of tabs) await tab.goto('/')
    return tabs
  }

  test('a message is shown once, and an action loads no page anew', async () => {
    const [page] = await twoTabs()
    if (javaScriptEnabled) await page.evaluate('window.untilReload = true')
    await press(page, 'Add A tin of tea')
    await sees(page.getByText('A tin of tea: added to your cart.'))
    await press(page, 'Add A cup')
    await sees(page.getByText('A cup: added to your cart.'))
    expect(await page.getByRole('status').count()).toBe(1)
    await signIn(page, '<Ada>')
    await sees(page.getByText('Welcome, <Ada>.'))
    await sees(page.getByText('A tin of tea: 1 in your cart'))
    if (javaScriptEnabled) expect(await page.evaluate('window.untilReload')).toBe(true)
    await page.reload()
    await sees(page.getByText('Signed in as <Ada>.'))
    expect(await page.getByRole('status').count()).toBe(0)
  })

  test('a name that is none is refused beside its field', async () => {
    const [page] = await twoTabs()
    await signIn(page, ' ')
    await sees(page.getByRole('alert').getByText('Who are you?'))
    await signIn(page, 'Ada')
    await sees(page.getByText('Signed in as Ada.'))
  })

  test('two tabs that save at the same time both keep their note', async () => {
    const [one, two] = await twoTabs()
    await press(one, 'Add A cup')
    await sees(one.getByText('A cup: 1 in your cart'))
    await Promise.all([beginToSave(one, 'one'), beginToSave(two, 'two')])
    await Promise.all([sees(one.getByText('Tab one: of one')), sees(two.getByText('Tab two: of two'))])
    await one.reload()
    await sees(one.getByText('Tab one: of one'))
    await sees(one.getByText('Tab two: of two'))
  })

  test('who signs out in one tab while the other saves is signed out', async () => {
    const [left, right] = await twoTabs()
    await signIn(left, 'Ada')
    await sees(left.getByText('Signed in as Ada.'))
    await right.reload()
    await beginToSave(left, 'one')
    const saved = left.waitForResponse((response) => response.request().method() === 'POST')
    await press(right, 'Sign out')
    await sees(right.getByLabel('Name'))
    await saved
    // A page that is on its way somewhere can't be reloaded.
    await sees(left.getByLabel('Name'))
    for (const page of [left, right]) {
      await page.reload()
      await sees(page.getByLabel('Name'))
    }
  })
})

describe('the stall on Next.js', () => {
  test('can be read in light and dark, and fits a phone', async () => {
    const page = await open('/')
    await signIn(page, 'Ada')
    await sees(page.getByText('Welcome, Ada.'))
    await expectGoodLooks(page, { texts: 10 })
  })

  test('has the types of its session everywhere', () => {
    const compiler = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
    const args = [compiler, '-p', running.folder]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('')
  })
})
