import { describe, expect, test } from 'vitest'
import { counter, createSessions, InvalidOptionError, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { PlainStore } from '../support/plain-store.ts'

const store = new PlainStore()

function refused(options: unknown): InvalidOptionError {
  try {
    createSessions(options as SessionsOptions)
  } catch (error) {
    if (error instanceof InvalidOptionError) return error
    throw error
  }
  throw new Error('the options were accepted')
}

test.each<[string, unknown]>([
  ['options', 'file'],
  ['options', []],
  ['store', {}],
  ['store', 'redis'],
  ['store', { ...store, create() {}, load() {} }],
  ['app', { app: '' }],
  ['app', { app: 7 }],
  ['as', { as: 'admin' }],
  ['cookie', 'sid'],
  ['cookie.name', { cookie: { name: '' } }],
  ['cookie.name', { cookie: { name: 'a b' } }],
  ['cookie.name', { cookie: { name: 'a=b' } }],
  ['cookie.path', { cookie: { path: 'shop' } }],
  ['cookie.path', { cookie: { path: '/a;b' } }],
  ['cookie.domain', { cookie: { domain: 'exa mple' } }],
  ['cookie.domain', { cookie: { domain: 7 } }],
  ['cookie.sameSite', { cookie: { sameSite: true } }],
  ['cookie.sameSite', { cookie: { sameSite: 'Lax' } }],
  ['cookie.sameSite', { cookie: { sameSite: 'none', secure: false } }],
  ['cookie.secure', { cookie: { secure: 'yes' } }],
  ['cookie.partitioned', { cookie: { partitioned: 1 } }],
  ['cookie.partitioned', { cookie: { partitioned: true, secure: false } }],
  ['cookie.prefix', { cookie: { prefix: 'no' } }],
  ['cookie.secure', { cookie: { name: '__Secure-a', secure: false } }],
  ['cookie.secure', { cookie: { name: '__Host-a', secure: false } }],
  ['cookie.path', { cookie: { name: '__Host-a', path: '/a' } }],
  ['cookie.domain', { cookie: { name: '__host-a', domain: 'example.com' } }],
  ['cookie.httpOnly', { cookie: { httpOnly: false } }],
  ['cookie.httpOnly', { cookie: { httpOnly: true } }],
  ['cookie.maxAge', { cookie: { maxAge: 1 } }],
  ['cookie', () => ({ secure: true })],
  ['cookie.secure', { cookie: { secure: () => true } }],
  ['cookie.expires', { cookie: { expires: new Date() } }],
  ['cookie.expires', { cookie: { expires: false } }],
  ['cookie.expires', { cookie: { expires: 3600 } }],
  ['cookie.formerly', { cookie: { formerly: { domain: 'example.com' } } }],
  ['cookie.formerly', { cookie: { formerly: 'sid' } }],
  ['cookie.formerly[0]', { cookie: { formerly: ['sid'] } }],
  ['cookie.formerly[0]', { cookie: { formerly: [{}] } }],
  ['cookie.formerly[0]', { cookie: { domain: 'a.b', formerly: [{ domain: 'a.b' }] } }],
  ['cookie.formerly[1]', { cookie: { formerly: [{ name: 'a' }, { name: 'sid', path: '/' }] } }],
  ['cookie.formerly[0].domian', { cookie: { formerly: [{ domian: 'a.b' }] } }],
  ['cookie.formerly[0].prefix', { cookie: { formerly: [{ prefix: false }] } }],
  ['cookie.formerly[1].path', { cookie: { formerly: [{ name: 'a' }, { path: 'shop' }] } }],
  ['cookie.formerly[0].domain', { cookie: { formerly: [{ domain: 'exa mple' }] } }],
  ['cookie.formerly[0].partitioned', { cookie: { formerly: [{ partitioned: 1 }] } }],
  ['cookie.formerly[0].domain', { cookie: { formerly: [{ name: '__Host-a', domain: 'a.b' }] } }],
  ['idleTimeout', { idleTimeout: 0 }],
  ['idleTimeout', { idleTimeout: -1 }],
  ['idleTimeout', { idleTimeout: 0.4 }],
  ['idleTimeout', { idleTimeout: 30 }],
  ['lifetime', { lifetime: 90 }],
  ['idleTimeout', { idleTimeout: Number.POSITIVE_INFINITY }],
  ['idleTimeout', { idleTimeout: Number.NaN }],
  ['idleTimeout', { idleTimeout: '30 parsecs' }],
  ['idleTimeout', { idleTimeout: '' }],
  ['idleTimeout', { idleTimeout: {} }],
  ['idleTimeout', { idleTimeout: '8d' }],
  ['idleTimeout', { idleTimeout: '2h', lifetime: '1h' }],
  ['lifetime', { lifetime: 'forever' }],
  ['lifetime', { lifetime: '101y' }],
  ['rolling', { rolling: 1 }],
  ['merge', { merge: [] }],
  ['merge', { merge: () => ({ views: counter }) }],
  ['merge', { merge: new Map([['views', counter]]) }],
  ['store', { store: Promise.resolve(store) }],
  ['merge.cart', { merge: { cart: 'union' } }],
  ['merge.untorn:expiry', { merge: { 'untorn:expiry': counter } }],
  ['serializer', { serializer: 'json' }],
  ['serializer.parse', { serializer: { stringify: JSON.stringify } }],
  ['maxBytes', { maxBytes: 0 }],
  ['maxKeys', { maxKeys: 1.5 }],
  ['maxDepth', { maxDepth: '3' }],
  ['retries', { retries: -1 }],
  ['onStoreError', { onStoreError: 'ignore' }],
  ['onStoreError', { onStoreError: true }],
  ['clearSiteData', { clearSiteData: true }],
  ['clearSiteData', { clearSiteData: 'cache' }],
  ['clearSiteData[1]', { clearSiteData: ['cache', 'cookie'] }],
  ['clearSiteData[0]', { clearSiteData: [true] }],
  ['onEvent', { onEvent: {} }],
  ['secret', { secret: 'keyboard cat' }],
  ['__proto__', JSON.parse('{"__proto__": 1}')],
])('a wrong %s is refused by its name: %j', (option, options) => {
  const given = option === 'store' || option === 'cookie' ? { [option]: options } : options
  const error = refused(
    typeof given === 'object' && !Array.isArray(given) ? { store, ...(given as object) } : given,
  )
  expect(error.option).toBe(option)
  expect(error.message).toContain(`\`${option}\``)
})

test.each([
  [{ idletimeout: 1 }, 'idleTimeout'],
  [{ idle_timeout: '1h' }, 'idleTimeout'],
  [{ 'on-event': 1 }, 'onEvent'],
  [{ lifetme: 1 }, 'lifetime'],
  [{ maxByte: 1 }, 'maxBytes'],
  [{ sotre: 1 }, 'store'],
  [{ onStoreErrors: 'fail' }, 'onStoreError'],
  [{ cookie: { samesite: 'lax' } }, 'cookie.sameSite'],
  [{ clearsitedata: ['cache'] }, 'clearSiteData'],
])('a misspelt option says what was meant: %j', (options, meant) => {
  expect(refused(options).message).toContain(`did you mean \`${meant}\`?`)
})

test.each<[unknown, string]>([
  [{ resave: false }, 'leave it out; a session is saved when something in it changed'],
  [{ saveUninitialized: false }, 'leave it out; a session is stored when something is first put in it'],
  [{ secret: 'keyboard cat' }, 'leave it out; nothing is signed'],
  [{ key: 'sid' }, 'set `cookie.name`'],
  [{ name: 'sid' }, 'set `cookie.name`'],
  [{ sameSite: 'lax' }, 'set `cookie.sameSite`'],
  [{ maxAge: 1000 }, 'set `idleTimeout` and `lifetime`'],
  [{ trustProxy: true }, "app.set('trust proxy', 1)"],
  [{ proxy: true }, "app.set('trust proxy', 1)"],
  [{ cookie: { httpOnly: false } }, 'always HttpOnly'],
  [{ cookie: () => ({}) }, "`secure: 'auto'` makes it Secure where the request came over https"],
  [{ cookie: { secure: () => true } }, "'auto' follows each request"],
  [{ cookie: { expires: new Date() } }, 'how long a session lives is `idleTimeout` and `lifetime`'],
  [{ expires: 3600 }, "`cookie.expires: 'browser'`"],
  [{ formerly: [] }, 'set `cookie.formerly`'],
  [{ cookie: { formerly: [{}] } }, 'say what was another before'],
  [{ cookie: { formerly: [{ domian: 'a.b' }] } }, 'did you mean `cookie.formerly[0].domain`?'],
  [{ clearSiteData: true }, "a list, such as ['cache', 'storage'], is needed, not true"],
  [{ clearSiteData: ['storage', 'cookie'] }, "did you mean 'cookies'?"],
  [{ clearSiteData: ['execution-contexts'] }, "did you mean 'executionContexts'?"],
  [{ clearSiteData: ['"cache"'] }, "'cache' or 'clientHints' or"],
])('an option of another library, or in the wrong place, says what to do: %j', (options, advice) => {
  expect(refused(options).message).toContain(advice)
})

test.each<[string, unknown, string]>([
  ['null', null, 'an object is needed, not null'],
  ['a function', () => {}, 'an object is needed, not a function'],
  ['a store', memoryStore(), 'give `{ store }`'],
  ['what createSessions returned', createSessions({ store }), 'as `{ sessions }`'],
])('%s in the place of the options says what was meant', (_, given, advice) => {
  const error = refused(given)
  expect(error.option).toBe('options')
  expect(error.message).toContain(advice)
})

describe('what the caller owns', () => {
  test('is not changed, and later changes of it are not seen', async () => {
    const cookie = { name: 'shop' }
    const merge = { views: counter }
    const options = Object.freeze({ store, cookie: Object.freeze(cookie), merge: Object.freeze(merge) })
    expect(() => createSessions(options)).not.toThrow()

    const mutable = { store, cookie: { name: 'shop' } }
    const sessions = createSessions(mutable)
    mutable.cookie.name = 'other'
    const session = await sessions.open(undefined)
    session.set('a', 1)
    expect(await session.commit()).toMatch(/^__Host-shop=/)
  })

  test('may leave things undefined', () => {
    const options = {
      store,
      idleTimeout: undefined,
      cookie: { domain: undefined },
      merge: undefined,
      clearSiteData: undefined,
      onEvent: undefined,
    }
    expect(() => createSessions(options as never)).not.toThrow()
  })
})
