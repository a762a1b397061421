import { describe, expect, test } from 'vitest'
import { runs } from '../adapters/support/application.ts'
import { ask } from '../adapters/support/server.ts'
import { cookieHeader, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { aWhile } from '../support/a-while.ts'
import { asksForNewId } from '../support/new-id.ts'
import { bothKinds } from '../support/plain-store.ts'
import { warningTexts } from '../support/warnings.ts'

const warnings = warningTexts()

const gone = { code: 'UNTORN_SESSION_GONE' }
const http = { secure: false }

describe.each(bothKinds)('secure: true, and a request over http, with $kind', ({ slow }) => {
  const secureShop = () => site({ slow, cookie: { secure: true } })

  test('no session is stored that nobody could find; the warning says what to set, once', async () => {
    const shop = secureShop()
    for (let i = 0; i < 2; i++) {
      const session = await shop.sessions.open(undefined, http)
      session.set('user', 'ada')
      expect(await session.commit()).toBeUndefined()
      expect(await session.commit()).toBeUndefined()
    }
    expect(shop.store.calls).toEqual([])
    expect(shop.events).toEqual([{ type: 'cookie-withheld' }, { type: 'cookie-withheld' }])
    expect(warnings).toEqual([expect.stringMatching(/app\.set\('trust proxy', 1\).*trustProxy: true/)])
  })

  test('who waits for a save or a new id is told that there is no session', async () => {
    const shop = secureShop()
    const session = await shop.sessions.open(undefined, http)
    session.set('user', 'ada')
    await expect(async () => session.save()).rejects.toMatchObject(gone)
    expect(shop.store.calls).toEqual([])
  })

  test('a session that is there keeps its id: its visitor stays who they were', async () => {
    const shop = secureShop()
    const cookie = await signedIn(shop)
    const login = await shop.sessions.open(cookie, http)
    asksForNewId(login)
    login.set('user', 'root')
    expect(await login.commit()).toBeUndefined()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada' })
    expect((await shop.sessions.open(cookie)).get('user')).toBe('ada')
  })

  test('what needs no cookie is saved, and a sign-out is one', async () => {
    const shop = secureShop()
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie, http)
    session.set('cart', 1)
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', cart: 1 })
    await session.destroy()
    expect(shop.store.all()).toEqual([])
  })

  test('a cookie whose session has ended is no reason for a warning', async () => {
    const shop = secureShop()
    const session = await shop.sessions.open(`__Host-sid=${'a'.repeat(43)}`, http)
    session.get('user')
    expect(await session.commit()).toBeUndefined()
    expect(warnings).toEqual([])
  })
})

test('in Express a sign-in over http is answered, save() says false, and no late change is told', async () => {
  const { visitor, events } = await runs(
    (app) => {
      app.get('/', async (req, res) => {
        req.session.user = 'ada'
        res.json(await req.session.save())
      })
      app.get('/quiet', (req, res) => {
        req.session.user = 'ada'
        res.send('hello')
      })
    },
    { cookie: { secure: true } },
  )
  expect((await visitor().get('/')).text).toBe('false')
  expect((await visitor().get('/quiet')).text).toBe('hello')
  await aWhile(20)
  expect(events.map(({ type }) => type)).toEqual(['cookie-withheld', 'cookie-withheld'])
})

describe("sameSite: 'none'", () => {
  const none = { sameSite: 'none', partitioned: true } as const

  test('over http: the cookie is sent as Lax, and a warning says so once, and what to do', async () => {
    const shop = site({ cookie: none })
    for (let i = 0; i < 2; i++) {
      const session = await shop.sessions.open(undefined, http)
      session.set('user', 'ada')
      expect(await session.commit()).toMatch('SameSite=Lax')
    }
    expect(warnings).toEqual([
      expect.stringMatching(/SameSite=Lax.*over https.*app\.set\('trust proxy', 1\)/s),
    ])
  })

  test('over https, or another sameSite over http: no warning', async () => {
    await signedIn(site({ cookie: none }))
    const session = await site().sessions.open(undefined, http)
    session.set('user', 'ada')
    cookieHeader(await session.commit())
    expect(warnings).toEqual([])
  })
})

test('an application of Express that is reached over http alone is warned of None too', async () => {
  const { port } = await runs(
    (app) => {
      app.get('/', (req, res) => {
        req.session.views = 1
        res.send('hello')
      })
    },
    { cookie: { sameSite: 'none' } },
  )
  expect((await ask(port)).setCookies[0]).toMatch('SameSite=Lax')
  expect(warnings).toHaveLength(1)
})
