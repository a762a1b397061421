import { describe, expect, onTestFinished, test } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'
import { runs } from './support/application.ts'
import { ask, later, serve } from './support/server.ts'

const https = { 'x-forwarded-proto': 'https' }

function warnings(): Error[] {
  const seen: Error[] = []
  const note = (warning: Error) => void seen.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  return seen
}

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

// A module of its own each time: what was said is said once in a process.
describe.each([
  ['node:http', 'trustProxy: true', { trustProxy: false }],
  ['a cookie that is never Secure', undefined, { cookie: { secure: false } }],
] as const)('the warning of an untrusted proxy: %s', (_name, fix, options) => {
  test(fix === undefined ? 'is not given' : 'names the fix', async () => {
    const { vi } = await import('vitest')
    vi.resetModules()
    const fresh = (await import('../../src/node.ts')) as { sessions: typeof sessions }
    const seen = warnings()
    const port = await serve(
      fresh.sessions({ store: memoryStore(), ...options })((req, res) => {
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
