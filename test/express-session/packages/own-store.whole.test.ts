import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../../support/directory.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { startRedis } from '../../support/servers/redis.ts'
import type { Started } from '../../support/servers/throw-away.ts'
import { Browser } from './browser.ts'
import { both } from './implementations.ts'
import { onBoth } from './sites.ts'

async function urlOf(start: () => Promise<Started>): Promise<string | undefined> {
  const { server, missing } = await start()
  if (missing !== undefined && process.env.CI) throw new Error(missing)
  if (server) afterAll(() => server.stop())
  else test.skip(`stores of applications (${missing})`)
  return server?.url
}

const redis = await urlOf(startRedis)
const postgres = await urlOf(startPostgres)
const kinds = [
  'session-file-store',
  'memorystore',
  'a class of its own',
  ...(redis ? ['connect-redis'] : []),
  ...(postgres ? ['connect-pg-simple'] : []),
]

const inMemory = ['memorystore', 'a class of its own']

await onBoth("a store of the application's", 'own-store.js', ({ open, session }) => {
  describe.each(kinds)('%s', (kind) => {
    const atEnd = (end: () => unknown) => onTestFinished(async () => void (await end()))
    const placed = () => ({
      session,
      kind,
      atEnd,
      places: { redis, postgres, directory: temporaryDirectory() },
    })

    test('values are there in the next request, and the session ends with its sign-out', async () => {
      const { browser } = await open(placed())
      await browser.post('/add')
      await browser.post('/add')
      expect(await browser.sees('/')).toEqual({ cart: ['a book', 'a book'] })
      const old = browser.twin()
      await browser.post('/logout')
      expect(await old.sees('/')).toEqual({})
    })

    test('who signs in has another id, and the old one finds nothing', async () => {
      const { browser } = await open(placed())
      await browser.post('/add')
      const before = browser.twin()
      await browser.post('/login/anna')
      expect(browser.cookies.get('connect.sid')).not.toBe(before.cookies.get('connect.sid'))
      expect(await browser.sees('/')).toEqual({ user: 'anna' })
      expect(await before.sees('/')).toEqual({})
    })

    test('the lifetime is that of the cookie, and each use begins it anew', async () => {
      const { browser } = await open(placed())
      await browser.post('/add')
      const { lives } = (await browser.sees('/lives')) as { lives: number }
      expect(lives).toBeGreaterThan(3_590_000)
      expect(lives).toBeLessThanOrEqual(3_600_000)
    })

    test('reload() has what another request has saved', async () => {
      const { browser, gate } = await open(placed())
      await browser.post('/add')
      const reloaded = await gate.hold(browser.get('/reloaded'), () => browser.post('/add'))
      expect(reloaded.body).toEqual({ cart: ['a book', 'a book'] })
    })

    // It takes a session as a whole, whoever gives it one.
    test('a value that is set while a slow request is under way is lost, as the store has it', async () => {
      const { browser, gate } = await open(placed())
      await browser.post('/login/anna')
      await gate.hold(browser.post('/note-slowly'), () => browser.post('/add'))
      expect(await browser.sees('/')).toEqual({ user: 'anna', note: 'slow' })
    })

    test('a sign-out is undone by a slow request, as the store has it', async () => {
      const { browser, gate } = await open(placed())
      await browser.post('/login/anna')
      const old = browser.twin()
      await gate.hold(browser.post('/note-slowly'), () => browser.post('/logout'))
      expect(await old.sees('/')).toEqual({ user: 'anna', note: 'slow' })
    })
  })
})

await onBoth('a change of one import line', 'own-store.js', ({ open, session }) => {
  describe.each(kinds.filter((kind) => !inMemory.includes(kind)))('over %s', (kind) => {
    const atEnd = (end: () => unknown) => onTestFinished(async () => void (await end()))

    test('nobody is signed out by it, nor by the way back', async () => {
      const more = { session, kind, atEnd, places: { redis, postgres, directory: temporaryDirectory() } }
      const others = both().filter((other) => other.session !== session)
      const first = await open(more)
      await first.browser.post('/login/anna')
      for (const other of others) {
        const second = await open({ ...more, session: other.session })
        const browser = new Browser(second.address, first.browser.cookies)
        expect(await browser.sees('/')).toEqual({ user: 'anna' })
        await browser.post('/add')
        expect(await first.browser.sees('/')).toEqual({ user: 'anna', cart: ['a book'] })
        await browser.post('/logout')
        expect(await first.browser.sees('/')).toEqual({})
      }
    })
  })
})
