import { expect, test } from 'vitest'
import { type PlainSession, sessions } from '../../src/elysia.ts'
import { cookieFor } from '../../src/in-tests/cookie-for.ts'
import { sessionKey } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'

type Around = (request: Request) => Promise<unknown>
type Hook = (context: { request: Request }) => Promise<{ session: PlainSession }>

/** As much of an application as Elysia makes, which answers by `page`: what goes around it, and what opens the session. */
async function visitedOnce(page: (session: PlainSession) => unknown) {
  const store = memoryStore()
  const plugin = sessions({ store })
  const made: { around?: (answer: Around) => Around; derive?: Hook } = {}
  const app = {
    decorator: {},
    wrap: (around: (answer: Around) => Around) => void Object.assign(made, { around }),
    derive: (derive: Hook) => void Object.assign(made, { derive }),
    onAfterHandle() {},
  }
  ;(plugin as unknown as (to: typeof app) => void)(app)
  const cookie = await cookieFor(plugin.sessions, { name: 'Ada' })
  const serve = made.around!(async (request) => page((await made.derive!({ request })).session))
  const answer = await serve(new Request('http://shop.example/', { headers: { cookie } })).catch(
    (error: unknown) => error,
  )
  const record = await store.load(sessionKey(cookie.split('=')[1]!))
  return { answer, name: record?.values.get('name') }
}

const changed = (session: PlainSession): void => {
  session.name = 'Eve'
}

test('what Elysia rejects with passes, and what was changed before is saved', async () => {
  const { answer, name } = await visitedOnce((session) => {
    changed(session)
    throw new Error('the application fails, as its test wants it')
  })
  expect([answer, name]).toEqual([expect.any(Error), '"Eve"'])
})

test('what Elysia gives in the place of a response passes, as it does for an upgrade on Bun', async () => {
  expect(await visitedOnce(changed)).toEqual({ answer: undefined, name: '"Eve"' })
})
