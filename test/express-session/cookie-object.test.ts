import { expect } from 'vitest'
import { thrown } from './support/application.ts'
import type { Anything } from './support/implementation.ts'
import { overMemoryStore, passes, same, sameEach } from './support/subjects.ts'

const LATER = new Date(Date.now() + 3_600_000)

/** All that can be seen of a cookie. */
function seen(cookie: Anything) {
  const { expires, maxAge, originalMaxAge, path, httpOnly, secure, sameSite, domain } = cookie
  return {
    properties: { expires, maxAge, originalMaxAge, path, httpOnly, secure, sameSite, domain },
    own: Object.keys(cookie).sort(),
    json: JSON.stringify(cookie),
    data: cookie.data,
    line: thrown(() => cookie.serialize('n', 'v')) ?? cookie.serialize('n', 'v'),
  }
}

sameEach<Anything>(
  'new Cookie',
  {
    'of nothing': undefined,
    'of null': null,
    'of false': false,
    'of an empty text': '',
    'of 0': 0,
    'of no options': {},
    'of expires': { expires: LATER },
    'of expires of null': { expires: null },
    'of expires that is no date': { expires: new Date(Number.NaN) },
    'of an age': { maxAge: 60_000 },
    'of an age of 0': { maxAge: 0 },
    'of an age below 0': { maxAge: -1000 },
    'of an age of false': { maxAge: false },
    'of an age of null': { maxAge: null },
    'of an age of NaN': { maxAge: Number.NaN },
    'of an age without end': { maxAge: Number.POSITIVE_INFINITY },
    'of an age of a date': { maxAge: LATER },
    'of an age and an end': { maxAge: 60_000, expires: LATER },
    'of an end and an age': { expires: LATER, maxAge: 60_000 },
    'of an original age': { originalMaxAge: 1000 },
    'of an original age of null, and an age': { originalMaxAge: null, maxAge: 1000 },
    'of an original age before an age': { originalMaxAge: 1, maxAge: 1000 },
    'of an age before an original age': { maxAge: 1000, originalMaxAge: 1 },
    'of all that it has': {
      domain: 'example.com',
      httpOnly: false,
      partitioned: true,
      path: '/a',
      priority: 'low',
      sameSite: 'strict',
      secure: true,
    },
    'of what it has no use for': { colour: 'red' },
    'of data': { data: { path: '/nowhere' }, path: '/here' },
    'of a list': ['a'],
    'of what inherits': Object.create({ domain: 'example.com' }),
    'of a stored cookie': JSON.parse(JSON.stringify({ originalMaxAge: 60_000, httpOnly: true, path: '/' })),
  },
  (at, options) => seen(new at.session.Cookie(options)),
  overMemoryStore,
)

same(
  'new Cookie of another cookie',
  ({ session: { Cookie } }) => ({
    ...seen(new Cookie(new Cookie({ maxAge: 5000, path: '/a' }))),
    own: undefined,
  }),
  overMemoryStore,
)

sameEach<Anything>(
  'what no cookie is made of',
  {
    'a number': 42,
    'a text': 'text',
    true: true,
    'a function': () => {},
    'an age of text': { maxAge: '42' },
    'an age of true': { maxAge: true },
    'an age of an object': { maxAge: {} },
    'an age of a function': { maxAge: () => 1 },
  },
  (at, options) => {
    const error = thrown(() => new at.session.Cookie(options))
    expect(error).toMatchObject({ name: 'TypeError' })
    return error
  },
  overMemoryStore,
)

sameEach<(cookie: Anything) => void>(
  'what is set on a cookie of a minute',
  {
    'maxAge of a number': (cookie) => {
      cookie.maxAge = 5000
    },
    'maxAge of 0': (cookie) => {
      cookie.maxAge = 0
    },
    'maxAge of null': (cookie) => {
      cookie.maxAge = null
    },
    'maxAge of false': (cookie) => {
      cookie.maxAge = false
    },
    'maxAge of undefined': (cookie) => {
      cookie.maxAge = undefined
    },
    'maxAge of a date': (cookie) => {
      cookie.maxAge = LATER
    },
    'maxAge of its original': (cookie) => {
      cookie.maxAge = cookie.originalMaxAge
    },
    'expires of a date': (cookie) => {
      cookie.expires = LATER
    },
    'expires of long ago': (cookie) => {
      cookie.expires = new Date(0)
    },
    'expires of null': (cookie) => {
      cookie.expires = null
    },
    'expires of false': (cookie) => {
      cookie.expires = false
    },
    'expires of a text': (cookie) => {
      cookie.expires = LATER.toISOString()
    },
    'expires of a number': (cookie) => {
      cookie.expires = LATER.getTime()
    },
    originalMaxAge: (cookie) => {
      cookie.originalMaxAge = 7000
    },
    'everything else': (cookie) =>
      void Object.assign(cookie, {
        domain: 'example.com',
        httpOnly: false,
        partitioned: true,
        path: '/b',
        priority: 'medium',
        sameSite: true,
        secure: true,
      }),
    'path and httpOnly that are taken away': (cookie) => {
      delete cookie.path
      delete cookie.httpOnly
    },
  },
  (at, set) => {
    const cookie = new at.session.Cookie({ maxAge: 60_000 })
    passes(1000)
    set(cookie)
    const once = seen(cookie)
    passes(1500)
    return [once, seen(cookie)]
  },
  overMemoryStore,
)

sameEach<unknown>(
  'maxAge of another kind is refused, and nothing is changed',
  { 'a text': '42', true: true, 'an object': {}, 'a function': () => {} },
  (at, maxAge) => {
    const cookie = new at.session.Cookie({ maxAge: 60_000 })
    const error = thrown(() => {
      cookie.maxAge = maxAge
    })
    expect(error).toEqual({ name: 'TypeError', message: 'maxAge must be a number or Date' })
    return seen(cookie)
  },
  overMemoryStore,
)

sameEach<[options: object, name: string, value: string]>(
  'serialize',
  {
    'escapes the value': [{}, 'n', 'a b;c"é'],
    'of an empty value': [{}, 'n', ''],
    'of a name that is none': [{}, 'a b', 'v'],
    'of an empty name': [{}, '', 'v'],
    'of a domain that is none': [{ domain: 'a b' }, 'n', 'v'],
    'of a path that is none': [{ path: '/;' }, 'n', 'v'],
    'of a sameSite that is none': [{ sameSite: 'maybe' }, 'n', 'v'],
    'of a priority that is none': [{ priority: 'maybe' }, 'n', 'v'],
    'of an end that is none': [{ expires: new Date(Number.NaN) }, 'n', 'v'],
  },
  (at, [options, name, value]) => {
    const cookie = new at.session.Cookie(options)
    const error = thrown(() => cookie.serialize(name, value))
    return error ? error.name : cookie.serialize(name, value)
  },
  overMemoryStore,
)

same(
  'what stores and applications print of it has the order of express-session, which some compare as text',
  ({ session: { Cookie } }) => [
    JSON.stringify(
      new Cookie({ sameSite: 'lax', maxAge: 1000, secure: true, domain: 'a', partitioned: true }),
    ),
    Object.keys(new Cookie().data),
  ],
  overMemoryStore,
)
