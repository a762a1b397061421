import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import Koa from 'koa'
import session from 'koa-session'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../src/index.ts'
import { untornStore } from '../../../src/koa-session.ts'
import { STORES } from '../../sockets/stores.ts'
import { againIfSlow } from '../../support/again-if-slow.ts'

interface Options {
  maxAge?: number | 'session'
  rolling?: boolean
  renew?: boolean
}

/** An application of which `/?name=value&wait=milliseconds` sets values, slowly. */
async function started(store: SessionStore, options: Options = {}) {
  const app = new Koa()
  app.keys = ['a key']
  app.use(session({ store: untornStore(store), ...options } as never, app))
  app.use(async (ctx) => {
    const { wait = '0', action, ...values } = ctx.query
    const own = ctx.session as Record<string, unknown> & { regenerate(): Promise<void> }
    const shown = { ...own }
    await delay(Number(wait))
    if (action === 'sign-out') ctx.session = null
    else Object.assign(own, values)
    if (action === 'forget') delete own.a
    if (action === 'regenerate') await own.regenerate()
    ctx.body = Object.fromEntries(Object.entries(shown).filter(([name]) => /^[a-z]+$/.test(name)))
  })
  const server = createServer(app.callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const visitor = (cookie = '') => {
    const self = {
      cookie,
      async get(query = '') {
        const response = await fetch(`${url}?${query}`, { headers: { cookie: self.cookie } })
        const set = response.headers.getSetCookie()
        if (set.length > 0) self.cookie = set.map((line) => line.split(';')[0]).join('; ')
        expect(response.status).toBe(200)
        return response.json() as Promise<Record<string, string>>
      },
    }
    return self
  }
  return visitor
}

const shown = async (visitor: { get(): Promise<Record<string, string>> }) => {
  const { isNew: _, ...values } = await visitor.get()
  return values
}

describe.each(Object.entries(STORES))('koa-session over %s', (_, make) => {
  test('values are set, changed, deleted; the session is destroyed', async () => {
    const ann = (await started(make()))()
    await ann.get('a=1&b=1')
    await ann.get('b=2')
    expect(await shown(ann)).toEqual({ a: '1', b: '2' })
    await ann.get('action=forget')
    expect(await shown(ann)).toEqual({ b: '2' })
    const { cookie } = ann
    await ann.get('action=sign-out')
    ann.cookie = cookie
    expect(await shown(ann)).toEqual({})
  })

  test('an id that nobody gave out opens nothing', async () => {
    const visitor = await started(make())
    const [ann, eve] = [visitor(), visitor('koa.sess=planted; koa.sess.sig=none')]
    await ann.get('a=1')
    expect(await shown(eve)).toEqual({})
  })

  test('a new id has the values, and the old one nothing', async () => {
    const visitor = await started(make())
    const ann = visitor()
    await ann.get('a=1')
    const old = visitor(ann.cookie)
    await ann.get('b=1&action=regenerate')
    expect(await shown(ann)).toEqual({ a: '1', b: '1' })
    expect(await shown(old)).toEqual({})
  })

  test('two requests that set different values keep both', async () => {
    const visitor = await started(make())
    const ann = visitor()
    await ann.get('a=0&b=0')
    await Promise.all([
      ann.get('a=1&wait=40'),
      ann.get('b=1&wait=60'),
      visitor(ann.cookie).get('c=1&wait=50'),
    ])
    expect(await shown(ann)).toEqual({ a: '1', b: '1', c: '1' })
  })

  test('a sign-out under a slow request stays', async () => {
    const visitor = await started(make())
    const ann = visitor()
    await ann.get('a=1')
    const [slow, out] = [visitor(ann.cookie), visitor(ann.cookie)]
    const late = slow.get('late=1&wait=80')
    await delay(30)
    await out.get('action=sign-out')
    await late
    expect(await shown(ann)).toEqual({})
  })

  test('a session ends with its maxAge, and is renewed by use where it rolls', async () => {
    // koa-session has the store keep it ten seconds longer, and looks at the end by itself.
    await againIfSlow(300, async (maxAge, pass) => {
      const visitor = await started(make(), { maxAge, rolling: true })
      const ann = visitor()
      await ann.get('a=1')
      await pass(maxAge * 0.7)
      await ann.get()
      await pass(maxAge * 0.7)
      expect(await shown(ann)).toEqual({ a: '1' })
      const { cookie } = ann
      await pass(maxAge * 1.2)
      expect(await shown(visitor(cookie))).toEqual({})
    })
  })

  test('one of the browser lives as the option says', async () => {
    const store = make()
    const visitor = await started(store, { maxAge: 'session' })
    const ann = visitor()
    await ann.get('a=1')
    expect(await shown(ann)).toEqual({ a: '1' })
    for await (const [, { expiresAt }] of store.records()) {
      expect(Math.abs(expiresAt - Date.now() - 24 * 60 * 60 * 1000)).toBeLessThan(60_000)
    }
  })
})
