import type { Page } from 'playwright-core'
import { sees } from './in-browser.ts'

export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByText(`Signed in as ${name}`))
}

export async function add(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: `Add ${item} to the cart` }).click()
  await sees(noticeOf(page).filter({ hasText: `${item}: added` }))
}

/** Posts a form without the page that has it, as the page's own browser. The status of the answer. */
export async function post(page: Page, path: string, form: Record<string, string> = {}): Promise<number> {
  const headers = { origin: new URL(page.url()).origin }
  const answer = await page.context().request.post(path, { form, headers, maxRedirects: 0 })
  return answer.status()
}

export const noticeOf = (page: Page) => page.getByRole('status')
export const cookieOf = async (page: Page) => (await page.context().cookies())[0]?.value

export const firefox = {
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
}
export const phone = {
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
    'Version/18.0 Mobile/15E148 Safari/604.1',
  // Nothing of the shop needs it.
  javaScriptEnabled: false,
}

export const device = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })
export const signOutThere = (page: Page, name: string) =>
  device(page, name).getByRole('button', { name: 'Sign out there' })

/** The names on the page of devices, the latest first. */
export async function devicesOf(page: Page): Promise<string[]> {
  await page.goto('/devices')
  return page.getByRole('listitem').getByRole('heading').allTextContents()
}

export async function isSignedOut(page: Page): Promise<boolean> {
  await page.goto('/')
  return page.getByRole('button', { name: 'Sign in' }).isVisible()
}
