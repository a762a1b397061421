import express from 'express'
import { describe, expect, test } from 'vitest'
import { sessions as onExpress } from '../../src/express.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'
import { forgetWarnings, warnings } from '../support/warnings.ts'
import { runs } from './support/application.ts'
import { ask, later, serve } from './support/server.ts'

const https = { 'x-forwarded-proto': 'https' }

const application = (trust: boolean, cookie = {}) =>
  runs(
    (app) => {
      if (trust) app.set('trust proxy', 1)
      app.get('/', (req, res) => {
        req.session.views = 1
        res.send('hello')
      })
    },
    { cookie },
  )

describe('Express behind a proxy that ends TLS', () => {
  test('that is trusted: the cookie is Secure', async () => {
    const { port } = await application(true)
    const [cookie] = (await ask(port, { headers: https })).setCookies
    expect(cookie).toMatch(/^__Host-sid=.*; Secure/)
    expect((await ask(port)).setCookies[0]).not.toMatch('Secure')
  })

  test('that is not trusted: the cookie is not Secure, and a warning says once what to set', async () => {
    const seen = warnings()
    const { port } = await application(false)
    for (const _ of [1, 2]) {
      const [cookie] = (await ask(port, { headers: https })).setCookies
      expect(cookie).toMatch(/^sid=/)
      expect(cookie).not.toMatch('Secure')
    }
    await later()
    expect(seen).toMatchObject([
      { code: 'UNTORN_UNTRUSTED_PROXY', message: expect.stringContaining("app.set('trust proxy', 1)") },
    ])
  })
})

describe('node:http behind a proxy that ends TLS', () => {
  const server = (trustProxy: boolean) =>
    serve(
      sessions({ store: memoryStore(), trustProxy })((req, res) => {
        req.session.views = 1
        res.end('hello')
      }),
    )

  test.each([
    ['https', true],
    ['HTTPS , http', true],
    ['http, https', false],
    ['', false],
  ])('that is trusted and says %j: Secure %s', async (proto, secure) => {
    const [cookie] = (await ask(await server(true), { headers: { 'x-forwarded-proto': proto } })).setCookies
    expect(/; Secure/.test(cookie!)).toBe(secure)
  })

  test('that is not trusted: what it says counts for nothing', async () => {
    const [cookie] = (await ask(await server(false), { headers: https })).setCookies
    expect(cookie).not.toMatch('Secure')
  })
})

describe.each([
  ['node:http', 'trustProxy: true', { trustProxy: false }],
  ['a cookie that is never Secure', undefined, { cookie: { secure: false } }],
] as const)('the warning of an untrusted proxy: %s', (_name, fix, options) => {
  test(fix === undefined ? 'is not given' : 'names the fix', async () => {
    forgetWarnings()
    const seen = warnings()
    const port = await serve(
      sessions({ store: memoryStore(), ...options })((req, res) => {
        req.session.views = 1
        res.end('hello')
      }),
    )
    await ask(port)
    expect(seen).toEqual([])
    await ask(port, { headers: https })
    await later()
    if (fix === undefined) expect(seen).toEqual([])
    else
      expect(seen).toMatchObject([{ code: 'UNTORN_UNTRUSTED_PROXY', message: expect.stringContaining(fix) }])
  })
})

// As of a browser behind a proxy that ends TLS and sends no X-Forwarded-Proto.
const SHOP = { host: 'shop.example' }
const signs: [string, Record<string, string>][] = [
  ['origin', { ...SHOP, origin: 'https://shop.example' }],
  ['referer', { ...SHOP, referer: 'https://shop.example/cart' }],
  ['sec-fetch-site', { ...SHOP, 'sec-fetch-site': 'none' }],
  ['forwarded', { ...SHOP, forwarded: 'for=192.0.2.1;proto=https' }],
  ['x-forwarded-ssl', { ...SHOP, 'x-forwarded-ssl': 'on' }],
  ['x-forwarded-port', { ...SHOP, 'x-forwarded-port': '443' }],
  ['cf-visitor', { ...SHOP, 'cf-visitor': '{"scheme":"https"}' }],
]
const noSigns: [string, Record<string, string>][] = [
  ['a browser over http', { ...SHOP, referer: 'http://shop.example/', origin: 'http://shop.example' }],
  [
    'one that comes from another site',
    { ...SHOP, referer: 'https://search.example/', origin: 'https://a.example' },
  ],
  ['a host whose name begins so', { ...SHOP, referer: 'https://shop.example.org/' }],
  ['development', { host: 'localhost:3000', 'sec-fetch-site': 'same-origin' }],
  ['development by address', { host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }],
  ['a proxy that says http', { ...SHOP, 'x-forwarded-proto': 'http', origin: 'https://shop.example' }],
]

describe('behind a proxy that ends TLS and does not say so', () => {
  /** The warnings of an application, in a process that has given none yet. */
  async function told(kind: 'node' | 'express', headers: Record<string, string>, trust = false, cookie = {}) {
    forgetWarnings()
    const seen = warnings()
    const store = memoryStore()
    let handler: Parameters<typeof serve>[0]
    if (kind === 'node') {
      handler = sessions({ store, trustProxy: trust, cookie })((req, res) => {
        req.session.views = 1
        res.end('hello')
      })
    } else {
      const app = express()
      if (trust) app.set('trust proxy', 1)
      app.use(onExpress({ store, cookie }))
      app.get('/', (req, res) => {
        req.session.views = 1
        res.send('hello')
      })
      handler = app
    }
    const port = await serve(handler)
    for (const _ of [1, 2]) await ask(port, { headers })
    await later()
    return seen
  }

  describe.each(['node', 'express'] as const)('with %s', (kind) => {
    test.each(signs)('the request shows it by %s: a warning says once what to set', async (name, headers) => {
      const fix = kind === 'node' ? 'trustProxy: true' : "app.set('trust proxy', 1)"
      expect(await told(kind, headers)).toMatchObject([
        { code: 'UNTORN_INSECURE_COOKIE', message: expect.stringContaining(fix) },
      ])
      const [warning] = await told(kind, headers, true)
      expect(warning!.message).toContain(`the request's ${name} shows`)
      expect(warning!.message).toContain('proxy_set_header X-Forwarded-Proto $scheme')
      expect(warning!.message).not.toContain(fix)
    })

    test.each(noSigns)('nothing is said of %s', async (_, headers) => {
      expect(await told(kind, headers)).toEqual([])
    })

    test('nothing is said of a cookie that is never Secure', async () => {
      expect(await told(kind, signs[0]![1], false, { secure: false })).toEqual([])
    })
  })
})
