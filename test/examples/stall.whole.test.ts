import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { describe, test } from 'vitest'
import { inBrowser, sees } from './in-browser.ts'
import { expectGoodLooks } from './looks.ts'
import { Project, startStall } from './stall.ts'

/** Nothing of it needs JavaScript. */
const plain = { javaScriptEnabled: false }

async function signIn(page: Page): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Name').fill('Ada')
  await page.getByLabel('Password').fill('secret')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByText('Welcome, Ada.'))
}

/** Presses the button, and doesn't wait for the answer: its handler has the session, and takes four seconds. */
async function beginToSave(page: Page, tab: string): Promise<void> {
  await page.goto('/notes')
  await page.getByLabel(`The ${tab} note`).fill(`of the ${tab} tab`)
  const sent = page.waitForRequest(`**/notes/${tab}`)
  await page.getByRole('button', { name: `Save the ${tab} one` }).click({ noWaitAfter: true })
  await sent
  await wait(500)
}

const saved = (page: Page, tab: string) => sees(page.getByText(`The ${tab} note is saved`))

describe('the stall in a browser without JavaScript', () => {
  const project = new Project()
  const { someone } = inBrowser(
    () => startStall(project, 'untorn.js'),
    () => project.remove(),
  )

  async function twoTabs(): Promise<[Page, Page]> {
    const context = await someone(plain)
    return [await context.newPage(), await context.newPage()]
  }

  test('two tabs that save at once both keep their note', async () => {
    const [left, right] = await twoTabs()
    await signIn(left)
    await Promise.all([beginToSave(left, 'left'), beginToSave(right, 'right')])
    await Promise.all([saved(left, 'left'), saved(right, 'right')])
    await left.goto('/notes')
    await sees(left.getByText('of the left tab'))
    await sees(left.getByText('of the right tab'))
  })

  test('who signs out in one tab while the other saves is signed out', async () => {
    const [left, right] = await twoTabs()
    await signIn(left)
    await right.goto('/')
    await beginToSave(left, 'left')
    await right.getByRole('button', { name: 'Sign out' }).click()
    await sees(right.getByRole('button', { name: 'Sign in' }))
    await saved(left, 'left')
    for (const page of [left, right]) {
      await page.goto('/')
      await sees(page.getByRole('button', { name: 'Sign in' }))
    }
  })

  test('every page can be read in light and dark, and fits a phone', async () => {
    const [page] = await twoTabs()
    await page.goto('/')
    await expectGoodLooks(page)
    await page.setViewportSize({ width: 1280, height: 800 })
    await signIn(page)
    await page.getByRole('button', { name: 'Add Left-handed teapot to the cart' }).click()
    await sees(page.getByText('Left-handed teapot: added'))
    await expectGoodLooks(page)
    await beginToSave(page, 'right')
    await saved(page, 'right')
    await page.goto('/notes')
    await expectGoodLooks(page, { texts: 10 })
    await page.goto('/race')
    for (const name of [
      'Send 50 overlapping requests',
      'Sign out under a slow request',
      'Add 50 times one',
    ]) {
      await page.getByRole('button', { name }).click()
    }
    await sees(page.getByText('nobody'))
    await expectGoodLooks(page)
  })
})
