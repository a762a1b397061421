import { describe, expect, test } from 'vitest'
import { createSessions, type SessionStore } from '../../src/index.ts'
import { fileStore } from '../../src/stores/file/file-store.ts'
import { memoryStore } from '../../src/stores/memory/memory-store.ts'
import { reservedKeys } from '../../src/values/data.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { PlainStore } from '../support/plain-store.ts'
import { cookieHeader } from './visit.ts'

const gone = expect.objectContaining({ code: 'UNTORN_SESSION_GONE' })

/** The values of every session; what is noted of a replaced id is none. */
async function contents(store: SessionStore): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for await (const [, { values }] of store.records()) {
    if (values.has(reservedKeys.replaced)) continue
    found.push(Object.fromEntries([...values].map(([key, text]) => [key, JSON.parse(text)])))
  }
  return found
}

describe.each<[string, () => SessionStore]>([
  ['the memory store', () => memoryStore()],
  ['the file store', () => fileStore(temporaryDirectory())],
  ['a slow store', () => new PlainStore({ slow: true })],
])('on %s', (_, makeStore) => {
  async function signIn(store: SessionStore) {
    const sessions = createSessions({ store })
    const session = await sessions.open(undefined)
    session.set('user', 'ada')
    session.set('n', 0)
    session.set('notice', 'Hello')
    return { sessions, cookie: cookieHeader(await session.commit()) }
  }

  test('overlapping requests lose nothing: 50 keys, 50 counts, one flash', async () => {
    const store = makeStore()
    const { sessions, cookie } = await signIn(store)
    const all = await Promise.all(Array.from({ length: 50 }, () => sessions.open(cookie)))
    const taken = await Promise.all(
      all.map(async (session, index) => {
        session.set(`key${index}`, index)
        session.update('n', (n) => n + 1)
        const notice = await session.take('notice')
        await session.commit()
        return notice
      }),
    )
    expect(taken.filter((notice) => notice === 'Hello')).toHaveLength(1)
    const [values] = await contents(store)
    expect(values).toMatchObject({ user: 'ada', n: 50 })
    expect(Object.keys(values!)).toHaveLength(52)
    await store.close()
  })

  test('a new id ends the old one, with others’ changes and without reviving it', async () => {
    const store = makeStore()
    const { sessions, cookie } = await signIn(store)
    const [login, before, after] = await Promise.all([cookie, cookie, cookie].map((c) => sessions.open(c)))
    before!.set('before', 1)
    await before!.commit()
    login!.regenerate()
    login!.set('user', 'root')
    const next = cookieHeader(await login!.commit())
    after!.set('after', 1)
    await expect(async () => after!.commit()).rejects.toThrow(gone)
    expect((await sessions.open(cookie)).isNew).toBe(true)
    expect((await sessions.open(next)).get('user')).toBe('root')
    expect(await contents(store)).toEqual([{ user: 'root', n: 0, notice: 'Hello', before: 1 }])
    await store.close()
  })

  test('a logout is final', async () => {
    const store = makeStore()
    const { sessions, cookie } = await signIn(store)
    const [late, logout] = await Promise.all([cookie, cookie].map((c) => sessions.open(c)))
    late!.set('late', 1)
    await logout!.destroy()
    await expect(async () => late!.commit()).rejects.toThrow(gone)
    expect((await sessions.open(cookie)).isNew).toBe(true)
    expect(await contents(store)).toEqual([])
    await store.close()
  })
})
