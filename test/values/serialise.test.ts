import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NotSerialisableError } from '../../src/index.ts'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'

beforeEach(() => void vi.spyOn(process, 'emitWarning').mockReturnValue())
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

function nested(levels: number): unknown {
  return levels === 0 ? 1 : { in: nested(levels - 1) }
}

const circular: { self?: unknown; list: unknown[] } = { list: [] }
circular.list.push({ back: circular })

const shared = { a: 1 }

// Of another realm, as what Node.js makes is for code in Jest.
const foreignPromise: unknown = runInNewContext('Promise.resolve({})')

describe('a value that can’t be stored', () => {
  test.each<[string, unknown, string]>([
    ['a function', () => 1, 'it is a function'],
    ['a symbol', Symbol('s'), 'it is a symbol'],
    ['a bigint', 1n, 'it is a bigint'],
    ['a promise', Promise.resolve(1), 'it is a promise'],
    ['a function inside', { a: [{ b: () => 1 }] }, 'its part "a[0].b" is a function'],
    ['a bigint inside', [[2n]], 'its part "[0][0]" is a bigint'],
    ['a symbol inside', { s: Symbol('s') }, 'its part "s" is a symbol'],
    ['a promise inside', { user: Promise.resolve({}) }, 'its part "user" is a promise'],
    ['one of Node.js inside, in Jest', { user: foreignPromise }, 'its part "user" is a promise'],
    ['a cycle', circular, 'its part "list[0].back" contains itself'],
    ['too deep', nested(33), 'deeper than 32 levels'],
    ['what its toJSON gives', { toJSON: () => 1n }, 'is a bigint'],
    ['nothing, by its toJSON', { toJSON: () => undefined }, 'gave no text'],
  ])('%s throws when it is set, naming the key', async (_, value, why) => {
    const session = await site().sessions.open(undefined)
    session.set('cart', 'before')
    for (const put of [
      () => session.set('cart', value),
      () => session.flash('cart', value),
      // A promise is the function's mistake there, not the value's.
      () => session.update('cart', () => (value instanceof Promise ? 1n : value)),
    ]) {
      expect(put).toThrow(NotSerialisableError)
      expect(put).toThrow(expect.objectContaining({ code: 'UNTORN_NOT_SERIALISABLE', key: 'cart' }))
    }
    expect(() => session.set('cart', value)).toThrow(why)
    expect(session.get('cart')).toBe('before')
  })

  test('throws with its cause where its own code fails', async () => {
    const session = await site().sessions.open(undefined)
    const cause = new Error('no connection')
    const value = {
      get lazy() {
        throw cause
      },
    }
    expect(() => session.set('cart', { value })).toThrow(expect.objectContaining({ key: 'cart', cause }))
  })

  test('throws at the save if it has become so in place, and nothing is written', async () => {
    const shop = site()
    const cookie = await signedIn(shop, { cart: { lines: [] } })
    const session = await shop.sessions.open(cookie)
    session.get('cart').lines.push(1n)
    session.set('a', 1)
    expect(session.changed).toBe(true)
    shop.store.counted()
    expect(() => session.commit()).toThrow(expect.objectContaining({ key: 'cart' }))
    expect(shop.store.counted()).toBe(0)
    session.get('cart').lines.pop()
    await session.commit()
    expect(valuesOf(shop.store)).toMatchObject({ a: 1 })
  })

  test('throws if update is given an async function, with advice that fits, and leaves no promise behind', async () => {
    const session = await site().sessions.open(undefined)
    const asynchronous = async () => {
      throw new Error('nobody waits for this')
    }
    expect(() => session.update('n', asynchronous)).toThrow(
      expect.objectContaining({
        code: 'UNTORN_MISUSE',
        message: expect.stringMatching(/^update\('n', .*await what it needs before/),
      }),
    )
    expect(session.has('n')).toBe(false)
  })
})

test.each<[string, unknown]>([
  ['as deep as allowed', nested(32)],
  ['the same object twice', [shared, { shared }]],
  ['undefined inside', { a: undefined, b: 1 }],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ['null', null],
  ['an empty text', ''],
  ['zero', [0]],
  ['a key "__proto__" of its own', JSON.parse('{"__proto__":{"admin":true},"a":1}')],
  ['half a surrogate pair, in a text and in a name', { '\udc00': ['\ud83e'] }],
  ['NUL and other control characters', { '\0': '\0\u0001\u001f\u007f\u2028' }],
  ['of another realm', runInNewContext('({ list: [1, { a: 1 }] })')],
])('%s is plain data, without a warning', async (_, value) => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
  const shop = site()
  await signedIn(shop, { value })
  expect(valuesOf(shop.store).value).toEqual(JSON.parse(JSON.stringify(value)))
  expect(warn).not.toHaveBeenCalled()
})

describe('a value that JSON silently changes', () => {
  class Money {
    readonly cents = 5
  }
  const values: [string, unknown, string][] = [
    [
      'Date',
      { at: new Date(0) },
      'its part "at" is an instance of Date, which becomes what its toJSON() returns',
    ],
    ['Map', new Map(), 'it is an instance of Map, which becomes a plain object'],
    ['Set', [new Set()], 'an instance of Set'],
    ['class instance', new Money(), 'an instance of Money'],
    ['NaN', Number.NaN, 'it is NaN, which becomes null'],
    ['Infinity', { n: -Infinity }, 'its part "n" is -Infinity'],
    ['-0', { n: [-0] }, 'its part "n[0]" is -0, which becomes 0'],
    [
      'an array with a property beside its items',
      { errors: Object.assign(['required'], { name: 'ValidationErrors' }) },
      'its part "errors" has the property "name" beside its items, which is left out',
    ],
    [
      'a match of a pattern',
      { found: /b/.exec('abc') },
      'its part "found" has the property "index" beside its items',
    ],
    [
      'a key that is a symbol',
      { user: { [Symbol('role')]: 'admin' } },
      'its part "user" has the key Symbol(role), which is left out',
    ],
    [
      'a symbol beside items',
      Object.assign([1], { [Symbol('s')]: 1 }),
      'it has the key Symbol(s), which is left out',
    ],
    [
      'undefined in an array',
      { list: [1, undefined] },
      'its part "list[1]" is undefined, which becomes null',
    ],
    ['a hole', new Array(2), 'its part "[0]" is a hole, which becomes null'],
    [
      'a property that is not enumerable',
      { user: Object.defineProperty({}, 'role', { value: 'admin' }) },
      'its part "user" has the hidden property "role", which is left out',
    ],
    [
      'a getter',
      {
        cart: {
          get total() {
            return 5
          },
        },
      },
      'its part "cart.total" is a getter, which becomes what it returns now',
    ],
    [
      'an array of a class',
      new (class Lines extends Array {})(),
      'it is an instance of Lines, which becomes a plain array',
    ],
    ['bytes', { picture: Uint8Array.of(1) }, 'an instance of Uint8Array, which becomes a plain object'],
    ['a Buffer', Buffer.from('a'), 'an instance of Buffer, which becomes what its toJSON() returns'],
    ['a text as an object', Object('text'), 'it is an instance of String, which becomes what is in it'],
    ['an error', new Error('no'), 'it is an instance of Error, which becomes a plain object'],
    ['what its own toJSON makes', { toJSON: () => 'text' }, 'which becomes what its toJSON() returns'],
  ]

  test.each(values)('%s: a warning in development, once for each key', async (_, value, text) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const session = await site().sessions.open(undefined)
    for (const key of ['a', 'a', 'b']) session.set(key, value)
    expect(warn).toHaveBeenCalledTimes(2)
    expect(warn).toHaveBeenCalledWith(expect.stringContaining(text), { code: 'UNTORN_VALUE_CHANGES' })
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('"a"'), expect.anything())
  })

  test('no warning in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const session = await site().sessions.open(undefined)
    for (const [key, value] of values) session.set(key, value)
    expect(warn).not.toHaveBeenCalled()
    expect(() => session.set('f', () => 1)).toThrow(NotSerialisableError)
  })
})

describe('a serializer of one’s own', () => {
  /** Keeps Dates; `superjson` and `devalue` have this shape. */
  const dates = {
    stringify: (value: unknown) =>
      value instanceof Date ? `"date:${value.getTime()}"` : JSON.stringify(value),
    parse: (text: string) =>
      text.startsWith('"date:') ? new Date(Number(text.slice(6, -1))) : JSON.parse(text),
  }

  test('brings values back as they were', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const shop = site({ serializer: dates })
    const cookie = await signedIn(shop, { at: new Date(5) })
    const session = await shop.sessions.open(cookie)
    expect(session.get('at')).toEqual(new Date(5))
    expect(session.changed).toBe(false)
    session.get('at').setTime(6)
    await session.commit()
    expect((await shop.sessions.open(cookie)).get('at')).toEqual(new Date(6))
    expect(warn).not.toHaveBeenCalled()
  })

  test('is named when it fails, with the cause, or gives no text', async () => {
    const cause = new Error('cannot')
    const fails = {
      stringify: () => {
        throw cause
      },
      parse: JSON.parse,
    }
    const failing = await site({ serializer: fails }).sessions.open(undefined)
    expect(() => failing.set('cart', 1)).toThrow(
      expect.objectContaining({ code: 'UNTORN_NOT_SERIALISABLE', key: 'cart', cause }),
    )
    const silent = await site({
      serializer: { stringify: () => 5 as never, parse: JSON.parse },
    }).sessions.open(undefined)
    expect(() => silent.set('cart', 1)).toThrow(NotSerialisableError)
  })

  test('can be changed without losing how a session expires', async () => {
    const shop = site()
    const session = await shop.sessions.open(undefined)
    session.set('user', 'ada')
    session.setExpiry('2h')
    await session.commit()
    const other = site({
      store: shop.store,
      serializer: { stringify: () => '!', parse: () => 'nothing of ours' },
    })
    const next = await other.sessions.open(`__Host-sid=${session.id}`)
    expect(next.expiresIn).toBeGreaterThan(7_000_000)
  })
})

test('foreign data in a record is undefined and an event, once, and never breaks the request', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const [[key]] = shop.store.all() as [[Parameters<typeof shop.store.plant>[0], unknown]]
  shop.store.plant(key, 'bad', '{"half": ')
  const session = await shop.sessions.open(cookie)
  shop.events.length = 0
  expect(session.get('bad')).toBeUndefined()
  expect(session.get('bad')).toBeUndefined()
  expect(shop.events).toEqual([
    {
      type: 'error',
      error: expect.objectContaining({ key: 'bad', cause: expect.objectContaining({ name: 'SyntaxError' }) }),
    },
  ])
  expect(session.changed).toBe(false)
  expect(await session.commit()).toBeUndefined()
  expect(shop.store.only().values.get('bad')).toBe('{"half": ')
  session.set('bad', 'good')
  await session.commit()
  expect(valuesOf(shop.store)).toEqual({ user: 'ada', bad: 'good' })
})

test('a store may spell a text more loosely: reading it is no change', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const [[key]] = shop.store.all() as [[Parameters<typeof shop.store.plant>[0], unknown]]
  shop.store.plant(key, 'cart', '{"a": 1, "b": [1, 2]}')
  const session = await shop.sessions.open(cookie)
  const cart = session.get('cart')
  expect(session.changed).toBe(false)
  session.set('cart', { a: 1, b: [1, 2] })
  expect(session.changed).toBe(false)
  cart.a = 2
  session.set('cart', cart)
  expect(session.changed).toBe(true)
  await session.commit()
  expect(shop.store.only().values.get('cart')).toBe('{"a":2,"b":[1,2]}')
})

test('keys are data and nothing more: __proto__ and constructor are keys like any other', async () => {
  const shop = site()
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'ключ']
  const cookie = await signedIn(shop, {})
  const session = await shop.sessions.open(cookie)
  for (const name of names) expect(session.get(name)).toBeUndefined()
  for (const name of names) session.set(name, { polluted: name })
  session.set('nested', JSON.parse('{"__proto__": {"polluted": "nested"}}'))
  await session.commit()
  const next = await shop.sessions.open(cookie)
  expect(next.keys()).toEqual(['user', ...names, 'nested'])
  for (const name of names) expect(next.get(name)).toEqual({ polluted: name })
  expect(Object.keys(next.get('nested'))).toEqual(['__proto__'])
  expect(next.changed).toBe(false)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('keys of the library are refused and hidden', async () => {
  const shop = site()
  const session = await shop.sessions.open(undefined)
  for (const write of [
    () => session.set('untorn:expiry', 1),
    () => session.flash('untorn:x', 1),
    () => session.update('untorn:x', () => 1),
  ]) {
    expect(write).toThrow(expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }))
  }
  session.setTestCookie()
  session.setExpiry('browser')
  session.set('a', 1)
  expect(session.keys()).toEqual(['a'])
  expect(session.has('untorn:test-cookie')).toBe(false)
  expect(session.get('untorn:test-cookie')).toBeUndefined()
  expect(await session.take('untorn:test-cookie')).toBeUndefined()
  expect(session.delete('untorn:test-cookie')).toBe(false)
  session.clear()
  await session.commit()
  expect([...shop.store.only().values.keys()]).toEqual(['untorn:test-cookie', 'untorn:expiry'])
})

describe('of a stored value that can not be parsed an event shows nothing', () => {
  const secret = 'secret-token-of-ada'
  /** All that a logger may print of an error. */
  const printed = (error: unknown): string => inspect(error, { depth: 9, showHidden: true })

  test.each([
    ['by JSON', undefined],
    [
      'by a serializer of the application, whose error quotes it',
      {
        stringify: JSON.stringify,
        parse(text: string): unknown {
          throw Object.assign(new RangeError(`no idea what ${text}\n    at ${text} is`), { input: text })
        },
      },
    ],
    [
      'by one that throws the text itself',
      {
        stringify: JSON.stringify,
        parse(text: string): unknown {
          throw text
        },
      },
    ],
  ])('%s', async (_, serializer) => {
    const shop = site(serializer && { serializer })
    const cookie = await signedIn(shop)
    const [[key]] = shop.store.all() as [[Parameters<typeof shop.store.plant>[0], unknown]]
    shop.store.plant(key, 'token', secret)
    const session = await shop.sessions.open(cookie)
    shop.events.length = 0
    expect(session.get('token')).toBeUndefined()
    expect(shop.events).toMatchObject([{ type: 'error', error: { key: 'token' } }])
    const { error } = shop.events[0] as unknown as { error: Error }
    expect(printed(error)).toContain('token')
    for (let length = 6; length <= secret.length; length++)
      expect(printed(error)).not.toContain(secret.slice(0, length))
    if (error.cause) expect(printed(error.cause)).toMatch(/\n +at .*parse/)
  })
})
