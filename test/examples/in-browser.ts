import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'
import { launchBrowser, needsBrowser } from '../support/browser.ts'
import { startShop, temporaryFolder } from './running-shop.ts'

export interface InBrowser {
  /** Somebody with a browser of their own, cookies included. */
  someone(options?: BrowserContextOptions): Promise<BrowserContext>
  /** A page of somebody new. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>
  /** What the browser may complain of in this test. */
  expectComplaint(about: string): void
}

/** Some are built as they start. */
const START = 300_000

interface Running {
  /** Without a slash at the end. */
  address: string
  stop(): Promise<unknown>
}

/** The running shop and a browser, for the tests of a file. */
export function shopInBrowser(): InBrowser {
  const folder = temporaryFolder()
  return inBrowser(() => startShop(folder.path), folder.remove)
}

/** A browser, and what `start` starts for the tests of a file; `end` removes what is left of it. */
export function inBrowser(start: () => Promise<Running>, end: () => void): InBrowser {
  let browser: Browser | undefined
  let running: Running | undefined
  const contexts: BrowserContext[] = []
  let complaints: string[] = []
  let expected: string[] = []

  beforeEach(async (test) => {
    needsBrowser(test)
    browser ??= await launchBrowser()
    running ??= await start()
    complaints = []
    expected = []
  }, START)

  // Whatever a test is about: nothing in it may make the browser complain.
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    expect(complaints.filter((text) => !expected.some((about) => text.includes(about)))).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await running?.stop()
    end()
  })

  async function someone(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser!.newContext({ baseURL: running!.address, ...options })
    contexts.push(context)
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    context.on('weberror', (error) => complaints.push(String(error.error())))
    return context
  }

  async function open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await someone(options)).newPage()
    await page.goto(path)
    return page
  }

  return { someone, open, expectComplaint: (about) => expected.push(about) }
}

/** Waits for it; fails if it doesn't come, before the test's own time is over, so that the report says what is missing. */
export const sees = (what: Locator) => what.waitFor({ timeout: 50_000 })
