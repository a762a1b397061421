import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSessions, type SessionEvent, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { launchBrowser, needsBrowser } from '../support/browser.ts'
import { onlyInShort } from '../support/whole.ts'
import { type Handle, hosts } from './support/hosts.ts'
import { serve } from './support/server.ts'

let browser: Browser | undefined
beforeEach(async (test) => {
  needsBrowser(test)
  browser ??= await launchBrowser()
  vi.spyOn(process, 'emitWarning').mockReturnValue()
  return () => vi.restoreAllMocks()
})
afterAll(() => browser?.close())

// Both are this machine, and to a browser two sites; of both it says in headers who asks, as over https.
const OWN = '127.0.0.1'
const OTHER = 'localhost'

const WORKER = `
  self.addEventListener('activate', (event) => event.waitUntil(clients.claim()))
  self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)))
`

const handle: Handle = async ({ session, path }) => {
  if (path === '/sign-in') {
    await session.regenerate()
    session.user = 'ada'
  }
  if (path === '/comment') session.comment = 'hello'
  return `<p>${session.user ?? 'nobody'}</p>`
}

/** What a page of another site can do about `own`, by the page's path. */
const TRICKS: Record<string, (own: string) => string> = {
  '/comments': (own) => `<form method=post action=${own}/comment><button>Win!</button></form>`,
  '/signs-in': (own) => `<form method=post action=${own}/sign-in><button>Go on</button></form>`,
  '/links': (own) => `<a href=${own}/comment>Read</a>`,
  '/embeds': (own) =>
    `<img src=${own}/comment><script src=${own}/comment></script><iframe src=${own}/comment></iframe>`,
}

interface Visiting extends SessionsOptions {
  host?: string
  /** As a browser that does not say who asks. */
  silent?: boolean
}

/** The application, pages of another site, and somebody's browser. */
async function visiting({ host = 'Express 5', silent = false, ...options }: Visiting = {}) {
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => void events.push(event)
  const listener = hosts[host]!(createSessions({ store: memoryStore(), onEvent, ...options }), handle)
  const listen = (req: IncomingMessage, res: ServerResponse) => {
    if (req.url === '/worker.js') return res.setHeader('Content-Type', 'text/javascript').end(WORKER)
    if (silent) for (const name of ['site', 'mode', 'dest']) delete req.headers[`sec-fetch-${name}`]
    return listener(req as never, res as never)
  }
  const own = `http://${OWN}:${await serve(listen)}`
  const other = await serve((req, res) =>
    res.setHeader('Content-Type', 'text/html').end(TRICKS[req.url!]?.(own)),
  )
  const context = await browser!.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const who = () => page.locator('p').textContent()
  const visit = async (path: string) => {
    await page.goto(own + path)
    return who()
  }
  const isTricked = async (trick: string, into: string) => {
    await page.goto(`http://${OTHER}:${other}${trick}`)
    await page.locator('button, a').click()
    await page.waitForURL(own + into)
    return who()
  }
  const goes = (trick: string) => page.goto(`http://${OTHER}:${other}${trick}`)
  return { page, visit, goes, isTricked, types: () => events.map(({ type }) => type) }
}

describe.each(Object.keys(onlyInShort(hosts, 'Express 5')))(
  'a page of another site, in Chromium, and %s',
  (host) => {
    test('sends a form to a handler that writes: who was signed in is signed in', async () => {
      const { visit, isTricked, types } = await visiting({ host })
      expect(await visit('/sign-in')).toBe('ada')
      // Of the cookie nothing is seen there.
      expect(await isTricked('/comments', '/comment')).toBe('nobody')
      expect(await visit('/')).toBe('ada')
      expect(types()).toEqual(['created', 'cross-site'])
    })
  },
)

test('without what a browser says of its requests the same form signs a visitor out', async () => {
  const { visit, isTricked } = await visiting({ silent: true })
  expect(await visit('/sign-in')).toBe('ada')
  await isTricked('/comments', '/comment')
  expect(await visit('/')).toBe('nobody')
})

test('a sign-in by a form of another site takes the place of whoever was there', async () => {
  const { visit, isTricked, types } = await visiting()
  await visit('/comment')
  expect(await isTricked('/signs-in', '/sign-in')).toBe('ada')
  expect(await visit('/')).toBe('ada')
  expect(types()).toEqual(['created', 'created'])
})

test('images, scripts and frames of another site store nothing; a link that is followed begins a session', async () => {
  const { goes, isTricked, types } = await visiting()
  await goes('/embeds')
  expect(types()).toEqual(['cross-site', 'cross-site', 'cross-site'])
  await isTricked('/links', '/comment')
  expect(types().slice(3)).toEqual(['created'])
})

test('a link begins one also where a service worker passes it on, which hides that it is for a tab', async () => {
  const { page, visit, isTricked, types } = await visiting()
  await visit('/')
  await page.evaluate(
    "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => null)",
  )
  await isTricked('/links', '/comment')
  expect(types()).toEqual(['created'])
})
