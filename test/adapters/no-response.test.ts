import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { sessions as expressSessions } from '../../src/express.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions, type WithSession } from '../../src/node.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { later } from './support/server.ts'
import { servesUpgrades } from './support/upgrade.ts'

describe('what is no response', () => {
  const store = memoryStore()
  const makers: Record<string, (req: IncomingMessage, res: never, next: (error?: unknown) => void) => void> =
    {
      'untorn/node': sessions({ store }),
      'untorn/express': expressSessions({ store }) as never,
    }
  const request = () => ({ headers: {}, socket: new EventEmitter() }) as never as IncomingMessage
  const cases = Object.entries(makers).flatMap(([name, use]) =>
    [undefined, null, 5, () => {}].map((res) => ({ name, use, res: res as never })),
  )

  test.each(cases)('$name is given $res for a response: misuse, which says what to pass', ({ use, res }) => {
    const told: unknown[] = []
    use(request(), res, (error) => void told.push(error))
    expect(told).toMatchObject([{ code: 'UNTORN_MISUSE', message: expect.stringMatching('`{}`') }])
  })

  test('a request alone, and nobody waits: an event, and no process ends', async () => {
    const events: SessionEvent[] = []
    const session = sessions({ store, onEvent: (event) => void events.push(event) })
    void (session as unknown as (req: IncomingMessage) => Promise<unknown>)(request())
    await later()
    expect(events).toMatchObject([{ type: 'error', error: { code: 'UNTORN_MISUSE' } }])
  })

  const part = { setHeader() {}, getHeader() {}, removeHeader() {}, writeHead() {}, write() {}, end() {} }
  test.each<[string, object]>([
    ['a frozen object', Object.freeze({})],
    ['a part of a response, as engine.io has it', part],
    ['a part of a response that emits events, as engine.io has it', Object.assign(new EventEmitter(), part)],
  ])('%s stands in for one like `{}`', (_, res) => {
    for (const use of Object.values(makers)) {
      const req = request() as IncomingMessage & WithSession
      use(req, res as never, (error) => expect(error).toBeUndefined())
      expect({ ...req.session }).toEqual({})
    }
  })
})

describe('a handler of an upgrade that fails, where nobody stands above it', () => {
  const fail = async () => {
    throw new Error('oops')
  }
  test.each<[string, (session: ReturnType<typeof sessions>) => (req: IncomingMessage, res: never) => void]>([
    ['the wrapped handler', (session) => session(fail)],
    ['next', (session) => (req) => session(req, {}, fail)],
  ])('%s: the connection is closed, and the event tells why', async (_, make) => {
    const events: SessionEvent[] = []
    const session = sessions({ store: memoryStore(), onEvent: (event) => void events.push(event) })
    const client = await servesUpgrades(() => {}, make(session) as never)
    expect(await client.upgrade()).toBeUndefined()
    expect(events).toMatchObject([{ type: 'error', error: { message: 'oops' } }])
  })
})
