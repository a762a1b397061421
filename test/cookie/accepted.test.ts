import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { acceptedId } from '../../src/cookie/accepted.ts'
import { type AcceptedCookieOptions, createSessions } from '../../src/index.ts'
import { site } from '../sessions/visit.ts'
import { ForeignStore } from '../support/foreign-store.ts'

const { sign } = createRequire(import.meta.url)('cookie-signature') as {
  sign: (value: string, secret: string) => string
}

const SHAPE = { name: 'connect.sid', path: '/', domain: undefined, partitioned: false }
const SID = 'y6cmdc8EiVhAVKm4QbtpP5jUkvWZsJ1H'

const idIn = (value: string, options: { pattern?: RegExp; secrets?: string[] }) =>
  acceptedId({ ...SHAPE, pattern: options.pattern, secrets: options.secrets }, value)

describe('the id in a cookie of another library', () => {
  test("is what is signed, in express-session's and in @fastify/session's way", () => {
    const secrets = ['new', 'old']
    for (const secret of secrets) {
      const signed = sign(SID, secret)
      expect(idIn(encodeURIComponent(`s:${signed}`), { secrets })).toBe(SID)
      expect(idIn(`s:${signed}`, { secrets })).toBe(SID)
      expect(idIn(encodeURIComponent(signed), { secrets })).toBe(SID)
    }
    expect(idIn(`s:${sign('a.b', 'new')}`, { secrets })).toBe('a.b')
  })

  const signed = sign(SID, 'secret')
  test.each([
    ['signed with another secret', `s:${sign(SID, 'other')}`],
    ['not signed', SID],
    ['not signed, and as if it were', `s:${SID}`],
    ['with an empty signature', `s:${SID}.`],
    ['with a part of the signature', `s:${signed.slice(0, -1)}`],
    ['with more than the signature', `s:${signed}A`],
    ['with a padded signature', `s:${signed}=`],
    ['another id with this signature', `s:x${signed}`],
    ['empty', ''],
    ['an empty id, rightly signed', `s:${sign('', 'secret')}`],
    ['a dot', '.'],
  ])('%s: it is none', (_, value) => {
    expect(idIn(value, { secrets: ['secret'] })).toBeUndefined()
    expect(idIn(encodeURIComponent(value), { secrets: ['secret'] })).toBeUndefined()
  })

  test('is what the first group matches, or the whole match', () => {
    expect(idIn('s%3Aabc.def', { pattern: /^s:([^.]+)\./ })).toBe('abc')
    expect(idIn('abc', { pattern: /^[a-z]+$/ })).toBe('abc')
    expect(idIn('ABC', { pattern: /^[a-z]+$/ })).toBeUndefined()
    // What stands around a group is never the id, also where the group has matched nothing.
    expect(idIn('s:abc', { pattern: /^s:(x)?/ })).toBeUndefined()
    expect(idIn(`s:${sign('user.1', 'x')}`, { secrets: ['x'], pattern: /^user\.(\d+)$/ })).toBe('1')
  })

  const longest = 'x'.repeat(256)
  test.each([
    ['a line break', 'a%0Ab'],
    ['NUL', 'a%00b'],
    ['a space, which would read as the name of an application', 'shop%20abc'],
    ['what is no ASCII', 'caf%C3%A9'],
    ['half of an escape', 'abc%4'],
    ['bytes that are no UTF-8', '%C3%28'],
    ['257 characters', `${longest}x`],
    ['a megabyte', 'x'.repeat(1_000_000)],
  ])('%s: it is none', (_, value) => {
    expect(idIn(value, { pattern: /^.*$/s })).toBeUndefined()
  })

  test('is never one as ours are, unless it is signed', () => {
    const ours = 'x'.repeat(43)
    for (const value of [ours, `a${'-_'.repeat(21)}`, `%78${'x'.repeat(42)}`, `s:${ours}`]) {
      expect(idIn(value, { pattern: /[\w-]+$/ })).toBeUndefined()
    }
    expect(idIn(sign(ours, 'x'), { secrets: ['x'], pattern: /.+/ })).toBe(ours)
    for (const other of ['x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)},`])
      expect(idIn(other, { pattern: /.+/ })).toBe(other)
  })

  test('may have 256 characters, each of them escaped', () => {
    expect(idIn(longest, { pattern: /.+/ })).toBe(longest)
    expect(idIn('%2C'.repeat(256), { pattern: /.+/ })).toBe(','.repeat(256))
  })
})

test.each(['a%0Ab', 'shop%20abc', '%', 's%3Aabc.def', 'x'.repeat(257), ''])(
  'a cookie that can have no id asks no store, and stays: %s',
  async (value) => {
    const { sessions, store, events } = site({
      store: new ForeignStore(),
      cookie: { accept: { name: 'connect.sid', secrets: ['secret'] } },
    })
    const session = await sessions.open(`connect.sid=${value}`)
    expect(session.isNew).toBe(true)
    expect([session.get('user'), await session.commit()]).toEqual([undefined, undefined])
    expect([session.dueCookies(), store.counted(), events]).toEqual([[], 0, []])
  },
)

describe('the option cookie.accept', () => {
  const accept = { name: 'connect.sid', pattern: /^\w+$/ }
  const made = (cookie: object) => () => createSessions({ store: new ForeignStore(), cookie })

  test.each([
    [{ accept }],
    [{ accept: { name: 'connect.sid', secrets: ['a'] } }],
    [{ accept: { ...accept, secrets: ['a', 'b'], path: '/shop', domain: 'example.com', partitioned: true } }],
    [{ accept: undefined }],
  ])('%j is taken', (cookie) => {
    expect(made(cookie)).not.toThrow()
  })

  test.each<[string, unknown, string, object?]>([
    ['cookie.accept', 'connect.sid', 'an object is needed'],
    ['cookie.accept', [accept], 'an object is needed'],
    ['cookie.accept.nam', { ...accept, nam: 'x' }, 'did you mean `cookie.accept.name`?'],
    ['cookie.accept.secret', { ...accept, secret: 'hush' }, 'write `secrets'],
    ['cookie.accept.name', { pattern: /x/ }, 'a text is needed'],
    ['cookie.accept.name', { ...accept, name: 'a b' }, "characters that a cookie's name can't have"],
    ['cookie.accept.name', { ...accept, name: 'sid' }, 'the name of the cookie of now'],
    ['cookie.accept.name', { ...accept, name: '__Host-sid' }, 'the name of the cookie of now'],
    [
      'cookie.accept.name',
      { ...accept, name: 'old' },
      'the name of the cookie of now',
      { formerly: [{ name: 'old' }] },
    ],
    ['cookie.accept.path', { ...accept, name: '__Host-x', path: '/shop' }, 'browsers refuse the name prefix'],
    ['cookie.accept.pattern', { name: 'connect.sid' }, 'or `cookie.accept.secrets`'],
    ['cookie.accept.pattern', { ...accept, pattern: '^x$' }, 'a regular expression is needed'],
    ['cookie.accept.pattern', { ...accept, pattern: /x/g }, 'leave them out'],
    ['cookie.accept.pattern', { ...accept, pattern: /x/y }, 'leave them out'],
    ['cookie.accept.secrets', { ...accept, secrets: 'hush' }, 'a list of texts is needed'],
    ['cookie.accept.secrets', { ...accept, secrets: [] }, 'a list of texts is needed'],
    ['cookie.accept.secrets', { ...accept, secrets: ['hush', ''] }, 'a list of texts is needed'],
  ])('%s can not be %j', (option, given, says, more = {}) => {
    let error: unknown
    try {
      made({ accept: given, ...more })()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'UNTORN_INVALID_OPTION' })
    expect(String(error)).toContain(`\`${option}\``)
    expect(String(error)).toContain(says)
    expect(String(error)).not.toContain('hush')
  })

  test('has types', () => {
    const given: AcceptedCookieOptions[] = [
      { name: 'PHPSESSID', pattern: /x/ },
      { name: 'x', secrets: ['a'] },
    ]
    // @ts-expect-error a name is needed
    given.push({ pattern: /x/ })
    // @ts-expect-error a list
    given.push({ name: 'x', secrets: 'a' })
    // @ts-expect-error no such option
    given.push({ name: 'x', signed: true })
    expect(given).toHaveLength(5)
  })
})
