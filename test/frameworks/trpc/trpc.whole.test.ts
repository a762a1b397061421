import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import express from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sessions as expressSessions, sessionOf } from '../../../src/express.ts'
import { sessions as fetchSessions } from '../../../src/fetch.ts'
import type { SessionEvent, SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { type Router, router, type Values } from './router.ts'

type Fetch = (request: Request) => Promise<Response>
interface Options {
  store: SessionStore
  onEvent(event: SessionEvent): void
  onError(failure: { error: Error }): void
}

/** As docs/frameworks.md says. */
const hosts: Record<string, (options: Options) => Promise<{ url: string; fetch: Fetch }>> = {
  async 'the fetch adapter'({ onError, ...options }) {
    const app = fetchSessions<Values>(options)
    const serve: Fetch = (request) =>
      app.handle(request, (session) =>
        fetchRequestHandler({
          endpoint: '/trpc',
          req: request,
          router,
          createContext: () => ({ session }),
          onError,
        }),
      )
    return { url: 'http://shop.example', fetch: serve }
  },
  async Express({ onError, ...options }) {
    const app = express()
    app.use(expressSessions(options))
    const createContext = ({ req }: { req: object }) => ({ session: sessionOf<Values>(req) })
    app.use('/trpc', createExpressMiddleware({ router, createContext, onError }))
    const server = createServer(app)
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    onTestFinished(async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    })
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      fetch: (request) => fetch(request),
    }
  },
}

async function visiting(
  host: string,
  by: 'whole' | 'streaming' | 'split' = 'whole',
  store: SessionStore = memoryStore(),
) {
  const types: string[] = []
  const errors: unknown[] = []
  const { url, fetch: ask } = await hosts[host]!({
    store,
    onEvent: ({ type }) => void types.push(type),
    onError: ({ error }) => void errors.push(error.cause),
  })
  let cookie = ''
  const lines: string[] = []
  const heads: Response[] = []
  const options = {
    url: `${url}/trpc`,
    async fetch(input: unknown, init?: object) {
      const request = new Request(input as string, init as RequestInit)
      request.headers.set('cookie', cookie)
      const response = await ask(request)
      heads.push(response)
      for (const line of response.headers.getSetCookie()) {
        lines.push(line)
        cookie = line.split(';')[0]!
      }
      return response
    },
  }
  const streaming = httpBatchStreamLink(options)
  const whole = httpBatchLink(options)
  // Changes by answers that are whole, as docs/frameworks.md says.
  const split = splitLink<Router>({
    condition: ({ type }) => type === 'mutation',
    true: whole,
    false: streaming,
  })
  const links = { whole, streaming, split }
  const client = createTRPCClient<Router>({ links: [links[by]] })
  return { client, lines, heads, types, errors }
}

describe.each(Object.keys(hosts))('tRPC by %s', (host) => {
  test.each([
    ['at once', () => memoryStore()],
    ['later', () => slowly(memoryStore())],
  ])('a batch is one request with one session, over a store that answers %s', async (_when, store) => {
    const { client, lines, heads } = await visiting(host, 'whole', store())
    await client.login.mutate('ada')
    expect(lines).toHaveLength(1)
    const all = await Promise.all([client.add.mutate('tea'), client.add.mutate('milk')])
    expect([heads.length, lines.length, all]).toEqual([2, 1, [['tea'], ['tea', 'milk']]])
    expect(await client.values.query()).toEqual({ user: 'ada', cart: ['tea', 'milk'] })
  })

  test('a procedure that fails keeps its changes and the cookie, alone and in a batch', async () => {
    const { client, lines } = await visiting(host)
    await expect(client.fails.mutate()).rejects.toBeInstanceOf(TRPCClientError)
    expect(lines).toHaveLength(1)
    const [failed, added] = await Promise.allSettled([client.fails.mutate(), client.add.mutate('tea')])
    expect([failed.status, added.status]).toEqual(['rejected', 'fulfilled'])
    expect(await client.values.query()).toEqual({ touched: true, cart: ['tea'] })
  })

  test('of a streamed answer what is changed after its head is told as late, and what the procedure saves is kept', async () => {
    const { client, types } = await visiting(host, 'split')
    await client.login.mutate('ada')
    types.length = 0
    await Promise.all([client.quick.query(), client.slow.query()])
    await expect.poll(() => types).toEqual(['late-change'])
    const seen: string[] = []
    for await (const each of await client.many.query()) seen.push(each)
    expect(seen).toEqual(['one', 'two'])
    await expect.poll(() => types).toEqual(['late-change', 'late-change'])
    expect(await client.saves.query()).toBe('saved')
    expect(await client.values.query()).toEqual({ user: 'ada', cart: ['saved'] })
  })

  test('a sign-in whose answer is streamed is refused, as no cookie could follow', async () => {
    const { client, lines, errors } = await visiting(host, 'streaming')
    await expect(client.login.mutate('ada')).rejects.toThrow('Try again in a while.')
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('after the response had begun') }),
    ])
    expect(lines).toEqual([])
  })

  test('what can not be saved shows nothing of the store', async () => {
    const { store, broken } = breakable()
    const { client, errors } = await visiting(host, 'whole', store)
    broken.add('create')
    await expect(client.login.mutate('ada')).rejects.toThrow(/^Try again in a while.$/)
    expect(errors).toEqual([expect.objectContaining({ message: 'The disk is full.' })])
  })

  test('fifty requests of one visitor at once lose nothing', async () => {
    const { client } = await visiting(host)
    await client.login.mutate('ada')
    const one = async (n: number) => {
      // Alone in its batch.
      await new Promise((done) => setTimeout(done, n))
      await client.add.mutate(`item ${n}`)
    }
    await Promise.all(Array.from({ length: 50 }, (_, n) => one(n)))
    expect((await client.values.query()).cart).toHaveLength(50)
  })
})
