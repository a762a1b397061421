import { describe, expect, test } from 'vitest'
import { copySessions } from '../../src/copy.ts'
import { fileStore } from '../../src/file.ts'
import { createSessions, type SessionStore, sessionKey } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { moving } from '../../src/moving.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { cookieHeader } from './visit.ts'

interface Values {
  user: string
}

/** An application of this name on a store, and what it was told. */
function application(store: SessionStore, app?: string) {
  const events: string[] = []
  const onEvent = ({ type }: { type: string }) => void events.push(type)
  const options = { store, onEvent, ...(app === undefined ? {} : { app }) }
  return { events, sessions: createSessions<Values>(options) }
}

type Application = ReturnType<typeof application>

async function signsIn({ sessions }: Application, user = 'ada'): Promise<string> {
  const session = await sessions.open(undefined)
  session.set('user', user)
  return cookieHeader(await session.commit())
}

const userIn = async ({ sessions }: Application, cookie: string) => (await sessions.open(cookie)).get('user')

const stores: Record<string, () => SessionStore> = {
  memory: () => memoryStore(),
  files: () => fileStore(temporaryDirectory()),
}

describe.each(Object.entries(stores))('several applications on one store, in %s', (_name, store) => {
  test('an id of one is unknown in the others, with and without a name', async () => {
    const shared = store()
    const [shop, admin, unnamed] = [
      application(shared, 'shop'),
      application(shared, 'admin'),
      application(shared),
    ] as const
    const all = [shop, admin, unnamed]
    for (const own of all) {
      const cookie = await signsIn(own)
      for (const other of all) {
        other.events.length = 0
        expect(await userIn(other, cookie)).toBe(other === own ? 'ada' : undefined)
        expect(other.events).toEqual(other === own ? [] : ['unknown-id'])
      }
    }
  })

  test('an id that one has replaced is unknown in the other, which can begin a session by it', async () => {
    const shared = store()
    const [shop, admin] = [application(shared, 'shop'), application(shared, 'admin')]
    const cookie = await signsIn(shop)
    const session = await shop.sessions.open(cookie)
    await session.regenerate()
    const renewed = cookieHeader(await session.commit())
    expect(await userIn(shop, renewed)).toBe('ada')
    shop.events.length = 0
    expect(await userIn(shop, cookie)).toBeUndefined()
    expect(shop.events).toEqual(['replaced-id-used'])
    const other = await admin.sessions.open(cookie)
    other.set('user', 'root')
    expect(await userIn(admin, cookieHeader(await other.commit()))).toBe('root')
    expect(admin.events).toEqual(['unknown-id', 'created'])
  })

  test('signing out works as ever, and ends nothing of the other', async () => {
    const shared = store()
    const [shop, admin] = [application(shared, 'shop'), application(shared, 'admin')]
    const cookies = [await signsIn(shop), await signsIn(admin, 'root')] as const
    await (await shop.sessions.open(cookies[0])).destroy()
    expect(await userIn(shop, cookies[0])).toBeUndefined()
    expect(await userIn(admin, cookies[1])).toBe('root')
  })

  test('copying and moving keep whose it is', async () => {
    const [from, to] = [store(), store()]
    const cookie = await signsIn(application(from, 'shop'))
    await copySessions({ from, to })
    expect(await userIn(application(to, 'shop'), cookie)).toBe('ada')
    expect(await userIn(application(to, 'admin'), cookie)).toBeUndefined()
    const moved = moving({ from, to: store() })
    expect(await userIn(application(moved, 'admin'), cookie)).toBeUndefined()
    expect(await userIn(application(moved, 'shop'), cookie)).toBe('ada')
  })

  test('sessionKey() names the record, given the application too', async () => {
    const shared = store()
    const id = (await signsIn(application(shared, 'shop'))).split('=')[1]!
    expect(await shared.load(sessionKey(id, 'shop'))).toBeDefined()
    expect(await shared.load(sessionKey(id))).toBeUndefined()
  })
})
