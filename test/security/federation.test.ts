import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { type Site, site } from './site.ts'
import { sessionsIn } from './stores.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 0, 1)

const clockAt = (ms: number) => vi.setSystemTime(START + ms)

/** An application that an identity provider signs people in to, and says until when. */
function relyingParty(options = {}): Promise<Site> {
  return site(options, (app) => {
    app.post('/callback/:user/:until', async (req, res) => {
      await req.session.login(req.params.user)
      req.session.notAfter(new Date(Number(req.params.until)))
      res.send('welcome')
    })
    app.get('/ends', (req, res) => void res.json([req.session.expiresAt, req.session.expiry ?? 'as ever']))
  })
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }))
afterEach(() => void vi.useRealTimers())

describe('7.1.3 lifetimes of other systems go together with that of the session', () => {
  test('what the provider says is the end, beside the timeouts, and can be read', async () => {
    const { visitor } = await relyingParty()
    const ada = visitor()
    await ada.post(`/callback/ada/${START + HOUR}`)
    expect(JSON.parse((await ada.get('/ends')).text)).toEqual([START + 30 * MINUTE, 'as ever'])
    clockAt(29 * MINUTE)
    await ada.get('/me')
    clockAt(45 * MINUTE)
    expect(JSON.parse((await ada.get('/ends')).text)).toEqual([START + HOUR, 'as ever'])
    // The idle timeout holds all the same.
    const bob = visitor()
    await bob.post(`/callback/bob/${START + 5 * HOUR}`)
    clockAt(45 * MINUTE + 33 * MINUTE)
    expect(await bob.isSignedInAs()).toBe('nobody')
  })
})

describe("7.6.1 at the end of the provider's session the application's is over, too", () => {
  test('use, changes and a new id move it no further', async () => {
    const { visitor } = await relyingParty({ idleTimeout: '2h' })
    const ada = visitor()
    await ada.post(`/callback/ada/${START + HOUR}`)
    for (const at of [10, 30, 50, 59]) {
      clockAt(at * MINUTE)
      await ada.post('/note')
      await ada.post('/rotate')
      expect(await ada.isSignedInAs()).toBe('ada')
    }
    clockAt(HOUR - 1)
    expect(await ada.isSignedInAs()).toBe('ada')
    clockAt(HOUR)
    expect(await ada.isSignedInAs()).toBe('nobody')
    // Until the provider signs them in again.
    await ada.post(`/callback/ada/${START + 2 * HOUR}`)
    expect(await ada.isSignedInAs()).toBe('ada')
  })
})

describe('7.6.2 no session begins by itself', () => {
  test('visits, also with an id that nobody knows, leave neither a session nor a cookie', async () => {
    const store = memoryStore()
    const { visitor } = await relyingParty({ store })
    const somebody = visitor()
    for (const path of ['/me', '/ends', '/nowhere']) {
      expect((await somebody.get(path)).setCookies).toEqual([])
    }
    const stale = visitor()
    stale.id = 'x'.repeat(43)
    const [removal, ...others] = (await stale.get('/me')).setCookies
    expect(removal).toMatch(/^__Host-sid=; Max-Age=0;/)
    expect(others).toEqual([])
    expect(await sessionsIn(store)).toBe(0)
  })

  test('nor does a form of another site begin one, unless the application signs somebody in by it', async () => {
    const store = memoryStore()
    const { visitor } = await relyingParty({ store })
    const somebody = visitor()
    const fromElsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect((await somebody.post('/note', fromElsewhere)).setCookies).toEqual([])
    expect(await sessionsIn(store)).toBe(0)
    await somebody.post(`/callback/ada/${START + HOUR}`, fromElsewhere)
    expect(await somebody.isSignedInAs()).toBe('ada')
  })

  test('one begins where the application does something for somebody, and signed in is who was signed in', async () => {
    const store = memoryStore()
    const { visitor } = await relyingParty({ store })
    const ada = visitor()
    await ada.post('/note')
    expect(await sessionsIn(store)).toBe(1)
    expect(await ada.isSignedInAs()).toBe('nobody')
    await ada.post(`/callback/ada/${START + HOUR}`)
    expect(await sessionsIn(store)).toBe(1)
    expect(await ada.isSignedInAs()).toBe('ada')
  })
})
