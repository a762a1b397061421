import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { HTTPError } from 'h3'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { sessionOf } from '../../../src/h3.ts'
import type { SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import type { PageAnswer } from '../../../src/testing.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { nitroApp } from './app/build.ts'
import type { NitroSite } from './app/site.ts'

const of = (event: { context: object }) => sessionOf<Record<string, unknown>>(event)

const app = nitroApp()
afterAll(() => app.remove())

async function serve(site: NitroSite) {
  const server = createServer(await app.load(site))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

conforms('an application that Nitro 3 has built', {
  serve: ({ options, trustProxy, page }) =>
    serve({
      options: { ...options, trustProxy },
      async page(event) {
        const { req, url } = event
        return answered(
          await page(of(event) as never, { method: req.method, url: url.pathname + url.search }),
        )
      },
    }),
  over: ['a store that answers later'],
  concurrent: true,
})

function answered({ status, headers, body }: PageAnswer): Response {
  const sent = typeof body === 'object' ? streamOf(body) : body
  return new Response(sent ?? null, { status, headers })
}

function streamOf(body: AsyncIterable<string>): ReadableStream {
  return Readable.toWeb(Readable.from(body)).pipeThrough(new TextEncoderStream() as never) as ReadableStream
}

async function visiting(site: NitroSite) {
  const { url, close } = await serve(site)
  onTestFinished(close)
  let cookie = ''
  return async (path = '/') => {
    const response = await fetch(url + path, { headers: { cookie }, redirect: 'manual' })
    const [line] = response.headers.getSetCookie()
    if (line !== undefined) cookie = line.split(';')[0]!
    return response
  }
}

test('its own error handler answers what a handler throws, with the cookie', async () => {
  const visit = await visiting({
    options: { store: memoryStore() },
    page(event) {
      const session = of(event)
      if (event.url.pathname === '/all') return { ...session }
      session.tried = 1
      throw new HTTPError({ status: 418, message: 'no coffee' })
    },
  })
  const response = await visit()
  expect(response.status).toBe(418)
  expect(await response.json()).toMatchObject({ error: true, message: 'no coffee' })
  expect(await (await visit('/all')).json()).toEqual({ tried: 1 })
})

test('its own error handler answers what could not be saved, as any error that is none of h3', async () => {
  const { store, broken } = breakable()
  const visit = await visiting({
    options: { store },
    page(event) {
      of(event).views = 1
      broken.add('create')
      return { ok: true }
    },
  })
  const response = await visit()
  expect(response.status).toBe(500)
  expect(response.headers.getSetCookie()).toEqual([])
  expect(await response.json()).toEqual({ error: true, status: 500, unhandled: true })
})

test('what it fetches of itself with the cookie is a request of the visitor: changes of both are kept', async () => {
  const visit = await visiting({
    options: { store: slowly(memoryStore()) },
    async page(event, fetchOwn) {
      const { req, url } = event
      const session = of(event)
      if (url.pathname === '/all') return { ...session }
      if (url.pathname === '/inner') {
        session.inner = 1
        return 'done'
      }
      session.outer = 1
      if (url.pathname === '/begin') return 'begun'
      return (await fetchOwn('/inner', { headers: { cookie: req.headers.get('cookie')! } })).text()
    },
  })
  await visit('/begin')
  expect(await (await visit()).text()).toBe('done')
  expect(await (await visit('/all')).json()).toEqual({ outer: 1, inner: 1 })
})

test.each<[string, () => SessionStore]>([
  ['a store that answers at once', memoryStore],
  ['a store that answers later', () => slowly(memoryStore())],
])('a handler whose answer is kept for everybody has no session, over %s', async (_, store) => {
  const visit = await visiting({
    options: { store: store() },
    async page(event) {
      if (event.url.pathname === '/sign-in') await of(event).login('ada')
      if (event.url.pathname.endsWith('/changed')) of(event).views = 1
      return { owner: of(event).owner ?? null }
    },
  })
  await visit('/sign-in')
  for (const path of ['/kept/read', '/kept/changed']) {
    const { status, headers } = await visit(path)
    expect([status, headers.getSetCookie()]).toEqual([500, []])
  }
  expect((await visit('/kept-by-cookie/changed')).status).toBe(500)
  expect(await (await visit('/kept-by-cookie/read')).json()).toEqual({ owner: 'ada' })
})
