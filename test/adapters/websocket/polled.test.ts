import { expect, test } from 'vitest'
import { sessions as expressSessions } from '../../../src/express.ts'
import { createSessions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import type { PlainSession } from '../../../src/node.ts'
import { cookieFor } from '../../../src/testing.ts'
import { ask, serve } from '../support/server.ts'

test('what reaches the middleware of Express without Express, as Socket.IO’s polling does, shows either cookie', async () => {
  const shared = createSessions<{ user: string }>({ store: memoryStore() })
  const middleware = expressSessions<{ user: string }>({ sessions: shared })
  const port = await serve((req, res) => {
    middleware(req, res, () => {
      res.end(String((req as unknown as { session: PlainSession<{ user: string }> }).session.user))
    })
  })
  const [ada, eve] = [
    await cookieFor(shared, { user: 'ada' }, { secure: true }),
    await cookieFor(shared, { user: 'eve' }),
  ]
  const userOf = async (cookie: string) => (await ask(port, { headers: { cookie } })).text
  expect([await userOf(ada), await userOf(eve)]).toEqual(['ada', 'eve'])
  // One that somebody on the way has planted beside it does not count.
  expect(await userOf(`${eve}; ${ada}`)).toBe('ada')
  expect(await userOf(`${eve}; __Host-other=1`)).toBe('eve')
})
