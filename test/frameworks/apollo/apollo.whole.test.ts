import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApolloServer } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import { startStandaloneServer } from '@apollo/server/standalone'
import { expressMiddleware } from '@as-integrations/express5'
import express from 'express'
import { GraphQLError } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sessions as expressSessions, type PlainSession, sessionOf } from '../../../src/express.ts'
import type { SessionStore, UntornError } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { sessions as nodeSessions } from '../../../src/node.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'

interface Values {
  user?: string
  cart?: string[]
  touched?: boolean
}

interface Context {
  session: PlainSession<Values>
}

const typeDefs = `
  type Query { me: String  cart: [String!]!  touched: Boolean }
  type Mutation { login(user: String!): String  add(item: String!): [String!]!  logout: Boolean  fails: String }
`

const resolvers = {
  Query: {
    me: (_: unknown, _args: unknown, { session }: Context) => session.user,
    cart: (_: unknown, _args: unknown, { session }: Context) => session.cart ?? [],
    touched: (_: unknown, _args: unknown, { session }: Context) => session.touched,
  },
  Mutation: {
    async login(_: unknown, { user }: { user: string }, { session }: Context) {
      await session.login(user)
      session.user = user
      return user
    },
    add: (_: unknown, { item }: { item: string }, { session }: Context) =>
      session.update('cart', (cart = []) => [...cart, item]),
    async logout(_: unknown, _args: unknown, { session }: Context) {
      await session.logout()
      return true
    },
    fails(_: unknown, _args: unknown, { session }: Context) {
      session.touched = true
      throw new GraphQLError('no coffee')
    },
  },
}

const server = () =>
  new ApolloServer<Context>({
    typeDefs,
    resolvers,
    stopOnTerminationSignals: false,
    formatError: (shown, error) =>
      unwrapResolverError(error) instanceof GraphQLError
        ? shown
        : { ...shown, message: 'Try again in a while.' },
  })

/** As docs/frameworks.md says. */
const hosts: Record<string, (store: SessionStore) => Promise<string>> = {
  async Express(store) {
    const apollo = server()
    await apollo.start()
    const app = express()
    app.use(expressSessions({ store }))
    app.use(
      '/graphql',
      express.json(),
      expressMiddleware(apollo, { context: async ({ req }) => ({ session: sessionOf<Values>(req) }) }),
    )
    const http = createServer(app)
    await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
    onTestFinished(async () => {
      await apollo.stop()
      http.closeAllConnections()
      await new Promise((closed) => http.close(closed))
    })
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`
  },
  async 'the standalone server'(store) {
    const apollo = server()
    const open = nodeSessions<Values>({ store })
    const { url } = await startStandaloneServer(apollo, {
      listen: { port: 0, host: '127.0.0.1' },
      async context({ req, res }) {
        try {
          return { session: (await open(req, res)).session }
        } catch (cause) {
          const http = { status: (cause as UntornError).status ?? 500 }
          throw new GraphQLError('Try again in a while.', {
            originalError: cause as Error,
            extensions: { http },
          })
        }
      },
    })
    onTestFinished(() => apollo.stop())
    return url
  },
}

async function visiting(host: string, store: SessionStore = memoryStore()) {
  const url = await hosts[host]!(store)
  let cookie = ''
  return async (query: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const lines = response.headers.getSetCookie()
    if (lines.length > 0) cookie = lines[0]!.split(';')[0]!
    const text = await response.text()
    return { status: response.status, lines, ...(text.startsWith('{') ? JSON.parse(text) : { text }) }
  }
}

describe.each(Object.keys(hosts))('Apollo Server over %s', (host) => {
  test.each([
    ['at once', () => memoryStore()],
    ['later', () => slowly(memoryStore())],
  ])('a mutation signs in and another one out, over a store that answers %s', async (_when, store) => {
    const ask = await visiting(host, store())
    const { data, lines } = await ask('mutation { login(user: "ada") }')
    expect([data, lines.length]).toEqual([{ login: 'ada' }, 1])
    const several = await ask('mutation { a: add(item: "tea") b: add(item: "milk") }')
    expect([several.data, several.lines]).toEqual([{ a: ['tea'], b: ['tea', 'milk'] }, []])
    expect((await ask('{ me cart }')).data).toEqual({ me: 'ada', cart: ['tea', 'milk'] })
    expect((await ask('mutation { logout }')).lines).toEqual([expect.stringContaining('Max-Age=0')])
    expect((await ask('{ me }')).data).toEqual({ me: null })
  })

  test('a resolver that fails keeps what it changed, and the cookie', async () => {
    const ask = await visiting(host)
    const { errors, lines } = await ask('mutation { fails }')
    expect([errors[0].message, lines.length]).toEqual(['no coffee', 1])
    expect((await ask('{ touched }')).data).toEqual({ touched: true })
  })

  test('what can not be saved is no success', async () => {
    const { store, broken } = breakable()
    broken.add('create')
    const ask = await visiting(host, store)
    const { status, lines } = await ask('mutation { add(item: "tea") }')
    expect([status, lines]).toEqual([503, []])
  })

  test('a store that can not load is an error of the request', async () => {
    const { store, broken } = breakable()
    const ask = await visiting(host, store)
    await ask('mutation { add(item: "tea") }')
    broken.add('load')
    const { status, data, errors } = await ask('{ cart }')
    expect([status >= 500, data ?? null]).toEqual([true, null])
    if (host === 'the standalone server') expect(status).toBe(503)
    expect(JSON.stringify(errors)).not.toContain('disk')
  })

  test('what a resolver could not save shows nothing of the store', async () => {
    const { store, broken } = breakable()
    const ask = await visiting(host, store)
    broken.add('create')
    const { errors } = await ask('mutation { login(user: "ada") }')
    expect(errors).toEqual([expect.objectContaining({ message: 'Try again in a while.' })])
  })

  test('fifty requests of one visitor at once lose nothing', async () => {
    const ask = await visiting(host)
    await ask('mutation { add(item: "first") }')
    await Promise.all(Array.from({ length: 50 }, (_, n) => ask(`mutation { add(item: "${n}") }`)))
    expect((await ask('{ cart }')).data.cart).toHaveLength(51)
  })
})
