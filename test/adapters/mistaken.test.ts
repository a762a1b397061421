import { createServer, type IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { sessions as expressSessions } from '../../src/express.ts'
import { createSessions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { type NodeSessionsOptions, sessions as nodeSessions } from '../../src/node.ts'
import { expresses } from './support/express.ts'
import { ask, serve } from './support/server.ts'

const store = memoryStore()

describe.each([
  ['untorn/express', (options: unknown) => expressSessions(options as object)],
  ['untorn/node', (options: unknown) => nodeSessions(options as NodeSessionsOptions)],
])('sessions() of %s given something else by mistake says what to write', (_, sessions) => {
  test.each<[string, unknown, string, string]>([
    ['null', null, 'UNTORN_INVALID_OPTION', 'an object is needed, not null'],
    ['a text', 'redis', 'UNTORN_INVALID_OPTION', "an object is needed, not 'redis'"],
    ['a store', store, 'UNTORN_INVALID_OPTION', 'give `{ store }`'],
    ['what createSessions made', createSessions({ store }), 'UNTORN_INVALID_OPTION', 'as `{ sessions }`'],
    ['a handler', () => {}, 'UNTORN_MISUSE', '`sessions()(handler)`'],
  ])('%s', (_, given, code, advice) => {
    expect(() => sessions(given)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(advice) }),
    )
  })
})

test('trustProxy, an option on node:http, names what Express has for it', () => {
  const advice = expect.objectContaining({
    option: 'trustProxy',
    message: expect.stringContaining("app.set('trust proxy', 1)"),
  })
  expect(() => expressSessions({ store, trustProxy: true } as object)).toThrow(advice)
  const given = { sessions: createSessions({ store }), trustProxy: true }
  expect(() => expressSessions(given as object)).toThrow(advice)
})

test.each(Object.entries(expresses))(
  '%s: app.use(sessions) without a call reaches the error handler',
  async (_, express) => {
    const app = express()
    const errors: unknown[] = []
    app.use(expressSessions as never)
    app.use(((error, _req, res, _next) => {
      errors.push(error)
      res.send('failed')
    }) as import('express').ErrorRequestHandler)
    await ask(await serve(app))
    expect(errors).toMatchObject([
      { code: 'UNTORN_MISUSE', message: expect.stringContaining('app.use(sessions())') },
    ])
  },
)

test('createServer(sessions) without a call throws with the first request', async () => {
  const thrown: unknown[] = []
  const server = createServer((req, res) => {
    try {
      ;(nodeSessions as (req: IncomingMessage, ...rest: unknown[]) => unknown)(req, res)
    } catch (error) {
      thrown.push(error)
    }
    res.end()
  })
  await ask(await serve(server))
  expect(thrown).toMatchObject([
    { code: 'UNTORN_MISUSE', message: expect.stringContaining('createServer(sessions()(handler))') },
  ])
})
