import { parseSetCookie, type SetCookie } from 'cookie'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { CookieOptions, SessionEvent } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import type { Answer } from '../adapters/support/server.ts'
import { later } from '../adapters/support/server.ts'
import { type Browser, sessionIn, site } from './site.ts'
import { sessionsIn } from './stores.ts'

afterEach(() => void vi.restoreAllMocks())

/** What an application sends to somebody who begins a session, signs in and signs out. */
async function cookiesOf(
  cookie: CookieOptions,
  browser?: (browser: Browser) => Browser,
): Promise<SetCookie[]> {
  const { visitor } = await site({ cookie })
  const ada = browser?.(visitor()) ?? visitor()
  const answers = [await ada.post('/note'), await ada.post('/sign-in/ada'), await ada.post('/sign-out')]
  const cookies = answers.flatMap(({ setCookies }) => setCookies.map((line) => parseSetCookie(line)))
  expect(cookies.map(({ maxAge }) => maxAge === 0)).toEqual([false, false, true])
  return cookies
}

const overHttp = (browser: Browser) => browser.over('http')

const sharing: [string, CookieOptions, string][] = [
  ['the defaults', {}, '__Host-sid'],
  ['a name of its own', { name: 'shop' }, '__Host-shop'],
  ['a domain', { domain: 'shop.example' }, '__Secure-sid'],
  ['a path', { path: '/' }, '__Host-sid'],
]

describe('3.3.1 cookies are Secure, under a name that only https can set', () => {
  test.each(sharing)('with %s', async (_with, cookie, name) => {
    for (const sent of await cookiesOf(cookie)) expect(sent).toMatchObject({ name, secure: true })
  })

  test('who demands https gets no cookie without it, and nothing is stored', async () => {
    const store = memoryStore()
    const { visitor } = await site({ store, cookie: { secure: true } })
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const answer = await visitor().over('http').post('/note')
    expect(answer.setCookies).toEqual([])
    expect(await sessionsIn(store)).toBe(0)
  })

  test('a proxy that ends TLS and does not say so is told of', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { visitor } = await site()
    await visitor().over('http').post('/note', { origin: 'https://shop.example', host: 'shop.example' })
    await later()
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('without Secure'), {
      code: 'UNTORN_INSECURE_COOKIE',
    })
  })
})

describe('3.3.2 SameSite is as the purpose of the cookie wants it', () => {
  test.each([
    [undefined, 'lax'],
    ['lax', 'lax'],
    ['strict', 'strict'],
    ['none', 'none'],
  ] as const)('%s is sent as %s, also with the cookie that removes it', async (sameSite, sent) => {
    for (const cookie of await cookiesOf({ ...(sameSite && { sameSite }) })) {
      expect(cookie.sameSite).toBe(sent)
    }
  })

  test('what a browser would refuse, None without Secure, is sent as Lax', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    for (const cookie of await cookiesOf({ sameSite: 'none' }, overHttp)) expect(cookie.sameSite).toBe('lax')
  })

  test('a form of another site, which comes without the cookie, does not replace it', async () => {
    const { signedIn, visitor } = await site()
    const ada = await signedIn('ada')
    const form = await visitor().post('/note', { 'sec-fetch-site': 'cross-site' })
    expect(form.setCookies).toEqual([])
    expect(await ada.isSignedInAs()).toBe('ada')
  })

  test.each([false, 'off', 'None', ''])('%o is refused at the start', async (sameSite) => {
    await expect(site({ cookie: { sameSite: sameSite as 'lax' } })).rejects.toMatchObject({
      code: 'UNTORN_INVALID_OPTION',
    })
  })
})

describe('3.3.3 the name has __Host- but for a cookie that is to be shared', () => {
  test('by default, with all that a browser demands of it', async () => {
    for (const cookie of await cookiesOf({})) {
      expect(cookie).toMatchObject({ name: '__Host-sid', path: '/', secure: true })
      expect(cookie).not.toHaveProperty('domain')
    }
  })

  test('a name without it, which another host of the domain can set, says nothing', async () => {
    const { visitor } = await site()
    const ada = visitor()
    await ada.post('/sign-in/ada')
    const other = visitor()
    for (const name of ['sid', '__Secure-sid', '__host-sid', '__Host-SID', ' __Host-sid2']) {
      expect((await other.get('/me', { cookie: `${name}=${ada.id}` })).text).toBe('nobody')
    }
    expect((await other.get('/me', { cookie: `__Host-sid=${ada.id}` })).text).toBe('ada')
  })
})

describe('3.3.4 scripts never see the id', () => {
  test('each cookie is HttpOnly, and there is no option that says otherwise', async () => {
    for (const cookie of await cookiesOf({})) expect(cookie.httpOnly).toBe(true)
    await expect(site({ cookie: { httpOnly: false } as CookieOptions })).rejects.toMatchObject({
      code: 'UNTORN_INVALID_OPTION',
    })
  })

  test('it is in no page that shows a session, no other header, no event and no error', async () => {
    const events: SessionEvent[] = []
    const { visitor } = await site({ onEvent: (event) => void events.push(event) }, (app) => {
      app.get('/all', (req, res) => {
        const { session } = req
        res.set('X-Session', JSON.stringify({ ...session }))
        res.json([
          session,
          session.toJSON(),
          session.entries(),
          session.cookie,
          String(session),
          { ...session },
        ])
      })
      app.get('/session', (req, res) => void res.json(req.session))
      app.get('/error', (req) => {
        throw Object.assign(new Error(`${req.session}`), { session: req.session })
      })
    })
    const ada = visitor()
    const answers = [await ada.post('/note'), await ada.post('/sign-in/ada')]
    const { id } = ada
    answers.push(await ada.get('/all'), await ada.get('/error'), await ada.get('/session'))
    answers.push(await ada.post('/sign-out'), await ada.get('/me', { cookie: `__Host-sid=${id}` }))
    expect(answers.map(({ setCookies }) => setCookies.length)).toEqual([1, 1, 0, 0, 0, 1, 1])
    const shown = answers.map(withoutCookies).join()
    expect(shown).toContain('"note":"milk"')
    expect(shown).not.toContain(id)
    expect(events.map(({ type }) => type)).toContain('unknown-id')
    expect(JSON.stringify(events)).not.toContain(id)
  })

  function withoutCookies({ rawHeaders, text }: Answer): string {
    const others = rawHeaders.filter((_text, at) => rawHeaders[at - (at % 2)]!.toLowerCase() !== 'set-cookie')
    return [...others, text].join('\n')
  }
})

describe('3.3.5 a cookie is never too long for a browser', () => {
  test('whatever is in a session: its cookie is a name and an id', async () => {
    const { visitor } = await site({}, (app) => {
      app.post('/much', (req, res) => {
        sessionIn(req).note = 'x'.repeat(100_000)
        res.send('stored')
      })
      app.get('/much', (req, res) => void res.send(sessionIn(req).note))
    })
    const ada = visitor()
    const [line] = (await ada.post('/much')).setCookies
    expect((await ada.get('/much')).text).toHaveLength(100_000)
    expect(line!.split(';', 1)[0]).toHaveLength('__Host-sid='.length + 43)
  })

  test('a name that leaves no room for it is refused at the start', async () => {
    await expect(site({ cookie: { name: 'x'.repeat(4096) } })).rejects.toMatchObject({
      code: 'UNTORN_COOKIE_TOO_LARGE',
    })
    for (const { name, value } of await cookiesOf({ name: 'x'.repeat(3800) })) {
      expect(name.length + value!.length).toBeLessThanOrEqual(4096)
    }
  })
})
