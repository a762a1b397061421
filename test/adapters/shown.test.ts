import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { sessions as h3Sessions } from '../../src/h3.ts'
import { sessions as honoSessions } from '../../src/hono.ts'
import { memoryStore } from '../../src/memory.ts'

test('who prints or copies what shows a session has no id of it', async () => {
  const event = {
    context: {} as Record<string, unknown> & { session: { id: string } },
    req: new Request('https://shop.example/'),
    url: new URL('https://shop.example/'),
    res: { headers: new Headers(), errHeaders: new Headers() },
  }
  await h3Sessions({ store: memoryStore() })(event, () => {
    const { id } = event.context.session
    expect(inspect(event.context, { depth: 10 })).not.toContain(id)
    expect(Reflect.ownKeys({ ...event.context })).toEqual([])
  })
})

test('a session that was not looked at yet can be printed', async () => {
  const variables = new Map<string, { n: number }>()
  const c = {
    req: { raw: new Request('https://shop.example/') },
    env: undefined,
    res: new Response('ok') as Response | undefined,
    get: (name: string) => variables.get(name),
    set: (name: string, value: { n: number }) => void variables.set(name, value),
  }
  await honoSessions({ store: memoryStore() })(c as never, async () => {
    const session = c.get('session')!
    expect(inspect(session)).toBe('{}')
    session.n = 1
    expect(inspect({ session })).toBe('{ session: { n: 1 } }')
  })
})
