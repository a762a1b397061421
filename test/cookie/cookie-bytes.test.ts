import { parseSetCookie } from 'cookie'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkCookieOptions } from '../../src/cookie/check.ts'
import { IdCookie } from '../../src/cookie/cookie.ts'
import type { CookieOptions } from '../../src/index.ts'
import { CookieTooLargeError, InvalidOptionError } from '../../src/index.ts'
import { type Site, signedIn, site } from '../sessions/visit.ts'
import { inWhole } from '../support/whole.ts'

afterEach(() => vi.restoreAllMocks())

const FORM = /^[A-Za-z0-9_-]{43}$/
/** More cookies of one name than these are not looked at. */
const MOST = 4
const WEEK = 7 * 24 * 60 * 60 * 1000

/** Ids, what looks like one, and what was made to be taken for one. */
const id = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.stringMatching(/^[A-Za-z0-9_+/=%.-]{40,46}$/),
  fc.constantFrom(
    '',
    '""',
    'null',
    'undefined',
    'x'.repeat(42),
    'x'.repeat(43),
    'x'.repeat(44),
    `${'x'.repeat(42)}\0`,
    `${'x'.repeat(42)}é`,
    `${'x'.repeat(42)}\u0131`,
    `%61${'x'.repeat(40)}`,
    `"${'x'.repeat(43)}"`,
    `../../${'x'.repeat(37)}`,
    'x'.repeat(10_000),
  ),
)

const NAMES = ['sid', 'shop.id', 's', '$a*b+c', '__Host-sid', '__Secure-x', '!#%&^`|~']
const name = fc.constantFrom(...NAMES)

/** What is not quite a name. */
const CHANGES: ((name: string) => string)[] = [
  (s) => `__Host-${s}`,
  (s) => `__Secure-${s}`,
  (s) => `__host-${s}`,
  (s) => `__Host-__Host-${s}`,
  (s) => `\u200b__Host-${s}`,
  (s) => `__Host\u2010${s}`,
  (s) => s.toUpperCase(),
  (s) => `x${s}`,
  (s) => `${s}x`,
  (s) => `${s}\0`,
  (s) => `"${s}"`,
  (s) => encodeURIComponent(s),
]

const blank = fc.constantFrom('', '', '', ' ', '\t', '  ')

/** A header with cookies of a name, and of what is like it. */
function headerWith(name: string): fc.Arbitrary<string> {
  const like = fc.oneof(
    fc.constant(name),
    fc.constantFrom(...CHANGES).map((change) => change(name)),
  )
  const equals = fc.constantFrom('=', '=', '=', '', '==')
  const pair = fc.tuple(blank, like, blank, equals, blank, id, blank).map((parts) => parts.join(''))
  const noise = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  )
  const pieces = fc.array(fc.oneof({ weight: 5, arbitrary: pair }, { weight: 2, arbitrary: noise }), {
    maxLength: 5,
  })
  return fc
    .tuple(pieces, fc.constantFrom('; ', ';', ';;', ',', '\n'))
    .map(([all, between]) => all.join(between))
}

/** The values of the cookies of a name, read in the plainest way. */
function valuesOf(text: string, wanted: string): string[] {
  return text.split(';').flatMap((each) => {
    const [before, ...after] = each.split('=')
    const isIt = after.length > 0 && before!.replace(/^[ \t]+|[ \t]+$/g, '') === wanted
    return isIt
      ? [
          after
            .join('=')
            .trim()
            .replace(/^"(.*)"$/s, '$1'),
        ]
      : []
  })
}

/** What is to be said of them. */
function kindOf(values: string[]): 'id' | 'malformed' | 'duplicate' | 'none' {
  const different = new Set(values.slice(0, MOST + 1))
  if (different.size > 1) return 'duplicate'
  const [value] = different
  return value === undefined ? 'none' : FORM.test(value) ? 'id' : 'malformed'
}

const headerOfSome = name.chain((some) => fc.tuple(fc.constant(some), headerWith(some)))

describe("the request's cookies, whatever a client sends", () => {
  test('name the ids that cookies of exactly that name have the form of, each once', () => {
    const found = { id: 0, malformed: 0, duplicate: 0, none: 0 }
    fc.assert(
      fc.property(headerOfSome, fc.boolean(), fc.boolean(), ([name, text], prefix, secure) => {
        const settings = checkCookieOptions({ name, prefix })
        const cookie = new IdCookie(settings, WEEK)
        const sent = parseSetCookie(cookie.setting('x', 1, secure).line).name
        const values = valuesOf(text, sent)
        const kind = kindOf(values)
        found[kind]++
        const read = cookie.read(text, secure)
        const expected = {
          ids: [...new Set(values.slice(0, MOST + 1))].filter((each) => FORM.test(each)),
          wrong: kind === 'id' ? undefined : `${kind}-cookie`,
          tooMany: values.length > MOST,
          leftovers: undefined,
          accepted: [],
        }
        expect(read).toEqual(kind === 'none' ? undefined : expected)
      }),
      { numRuns: inWhole(3000, 1000) },
    )
    for (const [kind, count] of Object.entries(found)) expect(count, kind).toBeGreaterThan(inWhole(50, 10))
  })

  test('never bring in an id that we did not issue, and never break a request', async () => {
    const shop = site()
    const known = await signedIn(shop)
    const issued = known.split('=')[1]!
    const header = headerWith('sid')
    const withKnown = fc.oneof(
      header,
      fc.tuple(header, header).map(([before, after]) => `${before};${known};${after}`),
    )
    let recognised = 0
    await fc.assert(
      fc.asyncProperty(withKnown, async (text) => {
        const session = await shop.sessions.open(text)
        if (session.isNew) {
          session.set('planted', true)
          const line = parseSetCookie((await session.commit())!)
          expect(line.value).toMatch(FORM)
          expect(text).not.toContain(line.value)
        } else {
          recognised++
          expect(session.id).toBe(issued)
          const values = valuesOf(text, '__Host-sid')
          expect(values).toContain(issued)
          expect(values.length).toBeLessThanOrEqual(MOST)
        }
      }),
      { numRuns: inWhole(1000, 400) },
    )
    expect(recognised).toBeGreaterThan(inWhole(50, 10))
  })

  test('take no longer than their length, however they are made up', async () => {
    const shop = site()
    const known = await signedIn(shop)
    const much = 50_000
    for (const text of [
      '__Host-sid'.repeat(much),
      '__Host-sid '.repeat(much),
      '__Host-sid=;'.repeat(much),
      `__Host-sid${' '.repeat(much)}`,
      `${' '.repeat(much)}__Host-sid${' '.repeat(much)}=${' '.repeat(much)}x`,
      `${'\t__Host-sid\t'.repeat(much)}=`,
      ';'.repeat(much),
      '='.repeat(much),
      'a=b; '.repeat(much),
      '\0'.repeat(much),
    ]) {
      expect((await shop.sessions.open(text)).isNew).toBe(true)
      const beside = await shop.sessions.open(`${known}; ${text}`)
      expect(beside.isNew).toBe(valuesOf(text, '__Host-sid').length >= MOST)
    }
  })
})

const any = fc.string({ unit: 'binary', maxLength: 12 })
const options: fc.Arbitrary<CookieOptions> = fc.record(
  {
    name: fc.oneof(name, any),
    path: fc.oneof(
      fc.constantFrom('/', '/shop', '/a b', '/a;HttpOnly', '/a, b=c', '/é', '/\n'),
      any.map((rest) => `/${rest}`),
    ),
    domain: fc.oneof(fc.constantFrom('example.com', '.example.com', 'a.b.c', 'x; Secure', 'ex\0'), any),
    sameSite: fc.constantFrom('lax', 'strict', 'none'),
    secure: fc.constantFrom<'auto' | boolean>('auto', true, false),
    partitioned: fc.boolean(),
    prefix: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
)

/** What a browser keeps of a Set-Cookie line (RFC 6265, 5.2): the pair, and attributes by their lower-case names. */
function asABrowserReads(line: string) {
  const [pair, ...attributes] = line.split(';')
  const [cookieName, ...value] = pair!.split('=')
  const named = attributes.map((each) => {
    const [attribute, ...rest] = each.split('=')
    return [attribute!.trim().toLowerCase(), rest.join('=').trim()] as const
  })
  return {
    name: cookieName!.trim(),
    value: value.join('=').trim(),
    attributes: new Map(named),
    count: named.length,
  }
}

describe('the cookie that is sent', () => {
  test('reads back as it was meant, with every option that is not refused, and brings the session back', async () => {
    vi.spyOn(process, 'emitWarning').mockReturnValue() // of cookies that are withheld
    const done = { sent: 0, refused: 0, withheld: 0 }
    await fc.assert(
      fc.asyncProperty(options, fc.boolean(), async (cookie, secure) => {
        const shop = setUp(cookie)
        if (!shop) return void done.refused++
        const session = await shop.sessions.open(undefined, { secure })
        session.set('user', 'ada')
        const line = await session.commit()
        if (line === undefined) {
          expect(cookie.secure === true || /^__(host|secure|http)/i.test(cookie.name ?? '')).toBe(true)
          expect(secure).toBe(false)
          return void done.withheld++
        }
        done.sent++
        expect(line).toMatch(/^[\x20-\x7e]+$/)
        const read = asABrowserReads(line)
        const { attributes } = read
        const isSecure = attributes.has('secure')
        expect(read.value).toBe(session.id)
        expect(attributes.size).toBe(read.count)
        expect(attributes.has('httponly')).toBe(true)
        expect(attributes.get('path')).toBe((cookie.path ?? '/').trim())
        expect(attributes.get('domain')).toBe(cookie.domain)
        expect(attributes.get('max-age')).toBe(String(WEEK / 1000))
        expect(isSecure).toBe((cookie.secure ?? 'auto') === 'auto' ? secure : cookie.secure)
        if (attributes.get('samesite') === 'None' || attributes.has('partitioned'))
          expect(isSecure).toBe(true)
        if (read.name.startsWith('__Host-')) {
          expect([isSecure, attributes.get('path'), attributes.has('domain')]).toEqual([true, '/', false])
        }
        if (read.name.startsWith('__Secure-')) expect(isSecure).toBe(true)
        expect(parseSetCookie(line)).toMatchObject({ name: read.name, value: session.id, httpOnly: true })

        // Beside others, of which none can have the same name.
        const sentBack = `${read.name}b=b; ${read.name}=${read.value}; ${read.name}d=d`
        const again = await shop.sessions.open(sentBack, { secure })
        expect(again.isNew).toBe(false)
        expect(again.get('user')).toBe('ada')
        await again.destroy()
        const removal = asABrowserReads((await again.commit())!)
        expect([removal.name, removal.value, removal.attributes.get('max-age')]).toEqual([read.name, '', '0'])
        for (const attribute of ['path', 'domain', 'secure', 'partitioned'])
          expect(removal.attributes.get(attribute)).toBe(attributes.get(attribute))
      }),
      { numRuns: inWhole(2000, 700) },
    )
    for (const [kind, count] of Object.entries(done)) expect(count, kind).toBeGreaterThan(inWhole(20, 0))
  })
})

/** An application with such a cookie, if its options can be used. */
function setUp(cookie: CookieOptions): Site | undefined {
  try {
    return site({ cookie })
  } catch (error) {
    if (error instanceof InvalidOptionError || error instanceof CookieTooLargeError) return undefined
    throw error
  }
}
