import { randomBytes } from 'node:crypto'
import { parseSetCookie } from 'cookie'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { CookieOptions } from '../../src/index.ts'
import { createSessions, presets, sessionKey } from '../../src/index.ts'
import { cookieHeader, signedIn, site } from '../sessions/visit.ts'
import { inWhole } from '../support/whole.ts'

afterEach(() => vi.restoreAllMocks())

const someId = () => randomBytes(32).toString('base64url')

/** The Set-Cookie line of a new session. */
async function lineOf(cookie: CookieOptions, context?: { secure: boolean }): Promise<string | undefined> {
  const { sessions } = site({ cookie })
  const session = await sessions.open(undefined, context)
  session.set('user', 'ada')
  return session.commit()
}

describe('what is sent', () => {
  test('over https: a __Host- name, HttpOnly, Secure, SameSite=Lax, for as long as the session can live', async () => {
    const { value, ...rest } = parseSetCookie((await lineOf({}))!)
    expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(rest).toEqual({
      name: '__Host-sid',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'lax',
      maxAge: 7 * 24 * 60 * 60,
      expires: expect.any(Date),
    })
    const ends = (rest.expires as Date).getTime() - Date.now()
    expect(ends).toBeGreaterThan((7 * 24 * 60 * 60 - 5) * 1000)
    expect(ends).toBeLessThanOrEqual(7 * 24 * 60 * 60 * 1000)
  })

  test.each<[CookieOptions, boolean, Record<string, unknown>]>([
    [{}, false, { name: 'sid', secure: undefined, httpOnly: true, sameSite: 'lax' }],
    [{ name: 'shop' }, true, { name: '__Host-shop' }],
    [{ domain: 'example.com' }, true, { name: '__Secure-sid', domain: 'example.com', secure: true }],
    [{ path: '/shop' }, true, { name: '__Secure-sid', path: '/shop' }],
    [{ domain: 'example.com' }, false, { name: 'sid', domain: 'example.com' }],
    [{ prefix: false }, true, { name: 'sid', secure: true }],
    [{ secure: false }, true, { name: 'sid', secure: undefined }],
    [{ secure: true }, true, { name: '__Host-sid', secure: true }],
    [{ name: '__Host-id' }, true, { name: '__Host-id', secure: true }],
    [{ name: '__Secure-id', path: '/a' }, true, { name: '__Secure-id', secure: true, path: '/a' }],
    [{ sameSite: 'strict' }, true, { sameSite: 'strict' }],
    [{ sameSite: 'none', partitioned: true }, true, { sameSite: 'none', partitioned: true, secure: true }],
    [
      { sameSite: 'none', partitioned: true },
      false,
      { sameSite: 'lax', partitioned: undefined, secure: undefined },
    ],
  ])('%o with secure: %s', async (cookie, secure, expected) => {
    const line = parseSetCookie((await lineOf(cookie, { secure }))!)
    expect({ ...line, ...pick(line, expected) }).toMatchObject(expected)
  })

  test('a removal carries every attribute of the cookie that it removes', async () => {
    for (const cookie of [
      {},
      { domain: 'example.com' },
      { sameSite: 'none', partitioned: true },
    ] as CookieOptions[]) {
      for (const secure of [true, false]) {
        const { sessions } = site({ cookie })
        const session = await sessions.open(undefined, { secure })
        session.set('user', 'ada')
        const line = (await session.commit())!
        const next = await sessions.open(cookieHeader(line), { secure })
        await next.destroy()
        const removal = (await next.commit())!
        expect(parseSetCookie(removal)).toEqual({
          ...parseSetCookie(line),
          value: '',
          maxAge: 0,
          expires: new Date(0),
        })
      }
    }
  })

  test('with secure: true and no https nothing is sent, and a warning says once what to do', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const shop = site({ cookie: { secure: true } })
    for (let i = 0; i < 2; i++) {
      const session = await shop.sessions.open(undefined, { secure: false })
      session.set('user', 'ada')
      expect(await session.commit()).toBeUndefined()
    }
    expect(shop.events.filter(({ type }) => type === 'cookie-withheld')).toHaveLength(2)
    expect(warn).toHaveBeenCalledOnce()
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("app.set('trust proxy', 1)"), {
      code: 'UNTORN_COOKIE_WITHHELD',
    })
  })

  test('a cookie that no browser would keep is refused when it is set up', () => {
    const path = `/${'a'.repeat(4000)}`
    expect(() => createSessions({ cookie: { path } })).toThrow(
      expect.objectContaining({ code: 'UNTORN_COOKIE_TOO_LARGE' }),
    )
    const fits = `/${'a'.repeat(3900)}`
    expect(() => site({ cookie: { path: fits } })).not.toThrow()
  })
})

describe('what is read', () => {
  test('an id that is not known is never adopted', async () => {
    const shop = site()
    const planted = someId()
    const session = await shop.sessions.open(`__Host-sid=${planted}`)
    expect(session.isNew).toBe(true)
    expect(session.id).not.toBe(planted)
    session.set('user', 'ada')
    expect(await session.commit()).not.toContain(planted)
    expect(shop.events[0]).toEqual({ type: 'unknown-id', key: sessionKey(planted).slice(0, 8) })
    expect(shop.sessions.stats.unknownIds).toBe(1)
  })

  test.each<[string, string, string | undefined]>([
    ['too short', 'abc', 'malformed-cookie'],
    ['empty', '', 'malformed-cookie'],
    ['one character too long', `${someId()}x`, 'malformed-cookie'],
    ['very long', 'a'.repeat(1_000_000), 'malformed-cookie'],
    ['of the wrong alphabet', `${someId().slice(0, 42)}+`, 'malformed-cookie'],
    ['percent-encoded', `%61${someId().slice(0, 42)}`, 'malformed-cookie'],
    ['a path', `../../../etc/passwd${'.'.repeat(24)}`, 'malformed-cookie'],
    ['quoted at one end', `"${someId()}`, 'malformed-cookie'],
    ['quoted twice', `""${someId()}""`, 'malformed-cookie'],
    ['a quote', '"', 'malformed-cookie'],
    ['sent twice with the same value', 'a; x=1;__Host-sid=a', 'malformed-cookie'],
    ['sent twice with different values', 'a; x=1;__Host-sid=b', 'duplicate-cookie'],
  ])('a cookie that is %s is none, and no store is asked', async (_, value, type) => {
    const shop = site()
    shop.store.failing.set('load', new Error('a store was asked'))
    const session = await shop.sessions.open(`a=1; __Host-sid=${value}`)
    expect(session.isNew).toBe(true)
    expect(shop.events).toEqual([{ type }])
  })

  test.each([
    ['of another name', (id: string) => `sid2=${id}`],
    ['whose name ends in ours', (id: string) => `x__Host-sid=${id}`],
    ['whose name begins with ours', (id: string) => `__Host-sidx=${id}`],
    ['in other letters', (id: string) => `__host-SID=${id}`],
    ['without the prefix', (id: string) => `sid=${id}`],
    ['that holds ours in its value', (id: string) => `x=__Host-sid=${id}`],
    ['of ours without a value', () => '__Host-sid'],
  ])('a cookie %s is not ours', async (_, header) => {
    const shop = site()
    const id = (await signedIn(shop)).split('=')[1]!
    const session = await shop.sessions.open(header(id))
    expect(session.isNew).toBe(true)
    expect(shop.events).toHaveLength(1)
    expect(shop.store.counted('load')).toBe(0)
  })

  test('ours is found among others, however they are spaced', async () => {
    const shop = site()
    const cookie = await signedIn(shop)
    for (const header of [
      `a=__Host-sid; ${cookie}`,
      `a=1;${cookie};b=2`,
      `  ${cookie.replace('=', ' = ')} ;x`,
    ]) {
      expect((await shop.sessions.open(header)).get('user')).toBe('ada')
    }
  })

  test('only the cookie that fits the request is read', async () => {
    const shop = site()
    const secure = await signedIn(shop)
    const id = secure.split('=')[1]
    expect((await shop.sessions.open(secure, { secure: false })).isNew).toBe(true)
    expect((await shop.sessions.open(`sid=${id}`, { secure: false })).isNew).toBe(false)
    expect((await shop.sessions.open(`sid=${id}`, { secure: true })).isNew).toBe(true)
    // A planted plain cookie beside ours does no harm.
    expect((await shop.sessions.open(`sid=${someId()}; ${secure}`)).isNew).toBe(false)
  })

  test('no header makes it throw, and only a well-formed cookie reaches the store, once', async () => {
    const shop = site()
    const cookie = await signedIn(shop)
    const id = cookie.split('=')[1]!
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '__Host-sid',
        'sid',
        '=',
        ';',
        ' ',
        '\t',
        '"',
        id,
        cookie,
        '; ',
        `${cookie}; `,
        '%',
        '\0',
        ',',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const header = pieces.join('')
        shop.store.counted()
        const session = shop.sessions.open(header)
        if (session instanceof Promise) throw new Error('open gave a promise')
        const ours = header.split(';').filter((pair) => /^[ \t]*__Host-sid[ \t]*=/.test(pair))
        const values = ours.map((pair) =>
          pair
            .slice(pair.indexOf('=') + 1)
            .trim()
            .replace(/^"(.*)"$/s, '$1'),
        )
        const isUsed = values.includes(id) && values.length <= 4
        expect(shop.store.counted('load')).toBe(isUsed ? 1 : 0)
        expect(session.isNew).toBe(!isUsed)
      }),
      { numRuns: inWhole(2000, 400) },
    )
  })
})

test('the presets are what NIST SP 800-63B-4 names', () => {
  // An hour and a quarter of an hour, less the tenth that an idle timeout may run longer.
  expect(presets).toEqual({
    AAL1: { lifetime: '30d', idleTimeout: '30d' },
    AAL2: { lifetime: '24h', idleTimeout: 3_272_727 },
    AAL3: { lifetime: '12h', idleTimeout: 818_181 },
  })
  for (const preset of Object.values(presets)) expect(() => site({ ...preset })).not.toThrow()
})

/** What an attribute that has to be absent is: undefined, and not left out of the comparison. */
function pick(line: object, expected: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(expected).map((name) => [name, (line as Record<string, unknown>)[name]]),
  )
}
