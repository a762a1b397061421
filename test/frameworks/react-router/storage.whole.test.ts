import { createSessionStorage } from 'react-router'
import { createSessionStorage as createSessionStorage7 } from 'react-router-7'
import { describe, expect, test, vi } from 'vitest'
import type { SessionRecord, SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { type StorageOptions, untornStorage, withNewIds } from '../../../src/react-router.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { againIfSlow } from '../../support/again-if-slow.ts'

const VERSIONS = { 'React Router 8': createSessionStorage, 'React Router 7': createSessionStorage7 } as const
const STORES = {
  'a store that answers at once': memoryStore,
  'a late store': () => slowly(memoryStore()),
} as const

const pairs = Object.keys(VERSIONS).flatMap((version) => Object.keys(STORES).map((store) => [version, store]))

describe.each(pairs as [keyof typeof VERSIONS, keyof typeof STORES][])('%s over %s', (version, kind) => {
  const storageOf = (store: SessionStore, cookie: object = {}, options: StorageOptions = {}) =>
    withNewIds(
      (VERSIONS[version] as typeof createSessionStorage)({
        cookie: { name: '__session', secrets: ['a secret of the test'], ...cookie },
        ...untornStorage(store, options),
      }),
    )

  async function begun(store = STORES[kind](), cookie = {}, options: StorageOptions = {}) {
    const storage = storageOf(store, cookie, options)
    const session = await storage.getSession()
    session.set('user', 'Ada')
    session.set('cart', ['tea'])
    const header = (await storage.commitSession(session)).split(';')[0]!
    return { store, storage, header, read: async () => (await storage.getSession(header)).data }
  }

  async function records(store: SessionStore): Promise<SessionRecord[]> {
    const all: SessionRecord[] = []
    for await (const [, record] of store.records()) all.push(record)
    return all
  }

  test('what was committed is read again, under an id of 43 characters', async () => {
    const { storage, header } = await begun()
    const session = await storage.getSession(header)
    expect(session.id).toMatch(/^[\w-]{43}$/)
    expect([session.get('user'), session.get('cart'), session.has('none')]).toEqual(['Ada', ['tea'], false])
    expect(JSON.parse(JSON.stringify(session.data))).toEqual({ user: 'Ada', cart: ['tea'] })
  })

  test('an id that nobody gave out, or that is none, is of no session', async () => {
    const { storage } = await begun()
    const other = storageOf(memoryStore())
    const session = await other.getSession()
    const foreign = (await other.commitSession(session)).split(';')[0]!
    expect((await storage.getSession(foreign)).data).toEqual({})
    const verbs = untornStorage(memoryStore())
    expect(await verbs.readData('a; __Host-sid=b')).toBeNull()
    await verbs.updateData('../../etc/passwd', { user: 'Eve' })
    await verbs.deleteData('')
  })

  test('two requests at once keep what each has changed', async () => {
    const { storage, header, read } = await begun()
    const [first, second] = [await storage.getSession(header), await storage.getSession(header)]
    first.set('one', 1)
    first.unset('user')
    second.set('two', 2)
    second.get('cart').push('milk')
    // The second comes when the first is stored: what it has not read is none of what it takes away.
    await storage.commitSession(first)
    await storage.commitSession(second)
    expect(await read()).toMatchObject({ one: 1, two: 2, cart: ['tea', 'milk'] })
    expect(await read()).not.toHaveProperty('user')
  })

  test('fifty requests at once keep what each has set', async () => {
    const { storage, header, read } = await begun()
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const session = await storage.getSession(header)
        session.set(`value${n}`, n)
        await storage.commitSession(session)
      }),
    )
    expect(Object.keys(await read()).filter((name) => name.startsWith('value'))).toHaveLength(50)
  })

  test('a commit after a sign-out brings nothing back', async () => {
    const { store, storage, header, read } = await begun()
    const slow = await storage.getSession(header)
    await storage.destroySession(await storage.getSession(header))
    slow.set('late', true)
    await storage.commitSession(slow)
    expect(await records(store)).toEqual([])
    expect(await read()).toEqual({})
  })

  test.each(['signed out in another tab', 'a store that was emptied', 'another storage before'])(
    'who comes with the cookie of no session signs in, under another id: %s',
    async (how) => {
      const { store, storage, header } = await begun()
      const slow = await storage.getSession(header)
      if (how === 'signed out in another tab') await storage.destroySession(await storage.getSession(header))
      if (how === 'a store that was emptied')
        for await (const [key] of store.records()) await store.delete(key)
      const dead = how === 'another storage before' ? await cookieOfOther(VERSIONS[version]) : header
      const login = await storage.getSession(dead)
      expect([login.id, login.data]).toEqual(['', {}])
      login.set('user', 'Grace')
      const next = (await storage.commitSession(login)).split(';')[0]!
      expect(next).not.toBe(dead)
      expect((await storage.getSession(next)).get('user')).toBe('Grace')
      expect((await storage.getSession(dead)).data).toEqual({})
      if (dead !== header) return
      slow.set('late', true)
      await storage.commitSession(slow)
      expect((await storage.getSession(header)).data).toEqual({})
      expect(await records(store)).toHaveLength(1)
    },
  )

  test('a date that is none ends no session', async () => {
    const { storage, header, read } = await begun()
    const committed = storage.commitSession(await storage.getSession(header), { expires: new Date('soon') })
    await expect(committed).rejects.toThrow(TypeError)
    expect(await read()).toMatchObject({ user: 'Ada' })
  })

  test('one that is changed and committed twice keeps both', async () => {
    const { storage, header, read } = await begun()
    const session = await storage.getSession(header)
    session.set('one', 1)
    await storage.commitSession(session)
    session.set('two', 2)
    session.unset('user')
    await storage.commitSession(session)
    expect(await read()).toMatchObject({ one: 1, two: 2, cart: ['tea'] })
    expect(await read()).not.toHaveProperty('user')
  })

  test('a flash is shown once, to the request that commits it', async () => {
    const { storage, header } = await begun()
    const writing = await storage.getSession(header)
    writing.flash('note', 'saved')
    await storage.commitSession(writing)
    const showing = await storage.getSession(header)
    expect(showing.get('note')).toBe('saved')
    await storage.commitSession(showing)
    expect((await storage.getSession(header)).has('note')).toBe(false)
  })

  test('it ends with its cookie, which each commit moves', async () => {
    await againIfSlow(1000, async (ms, pass) => {
      const since = Date.now()
      const { store, storage, header, read } = await begun(undefined, { maxAge: ms / 1000 })
      const { expiresAt } = (await records(store))[0]!
      expect(expiresAt).toBeGreaterThan(since)
      expect(expiresAt).toBeLessThan(Date.now() + ms * 1.1)
      await pass(ms * 0.6)
      await storage.commitSession(await storage.getSession(header))
      await pass(ms * 0.6)
      expect(await read()).toMatchObject({ user: 'Ada' })
      await pass(ms * 0.6)
      expect(await read()).toEqual({})
    })
  })

  test('without one it lives `idleTimeout` from its last use', async () => {
    await againIfSlow(1000, async (ms, pass) => {
      const { read } = await begun(undefined, {}, { idleTimeout: `${ms}ms`, lifetime: '1h' })
      for (let n = 0; n < 3; n++) {
        await pass(ms * 0.5)
        expect(await read()).toMatchObject({ user: 'Ada' })
      }
      await pass(ms * 1.2)
      expect(await read()).toEqual({})
    })
  })

  test('a commit that says that it is over ends it', async () => {
    const { store, storage, header } = await begun()
    await storage.commitSession(await storage.getSession(header), { expires: new Date(0) })
    expect(await records(store)).toEqual([])
  })

  test('data that was not read takes the place of all', async () => {
    const verbs = untornStorage(STORES[kind]())
    const id = await verbs.createData({ user: 'Ada', cart: ['tea'] })
    await verbs.updateData(id, { user: 'Grace' })
    expect(await verbs.readData(id)).toEqual({ user: 'Grace', 'untorn:read': expect.anything() })
  })
})

/** The cookie of a storage that an application had before, of the same name and secret, with ids of another form. */
async function cookieOfOther(create: unknown): Promise<string> {
  const storage = (create as typeof createSessionStorage)({
    cookie: { name: '__session', secrets: ['a secret of the test'] },
    createData: async () => '0123456789abcdef',
    readData: async () => null,
    updateData: async () => {},
    deleteData: async () => {},
  })
  return (await storage.commitSession(await storage.getSession())).split(';')[0]!
}

test('without new ids a warning says that a sign-in was not stored', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const verbs = untornStorage(memoryStore())
  const id = await verbs.createData({ user: 'Ada' })
  const data = (await verbs.readData(id))!
  await verbs.deleteData(id)
  await verbs.updateData(id, data)
  await verbs.updateData(id, {})
  expect(warned).not.toHaveBeenCalled()
  await verbs.updateData(id, { user: 'Grace' })
  await verbs.updateData(id, { user: 'Grace' })
  expect(warned.mock.calls).toEqual([[expect.stringContaining('withNewIds'), { code: 'UNTORN_NOT_STORED' }]])
  warned.mockRestore()
  expect(await verbs.readData(id)).toBeNull()
})

test('a store that fails is the error of the commit', async () => {
  const { store, broken } = breakable()
  const verbs = untornStorage(store)
  const id = await verbs.createData({ user: 'Ada' })
  const data = (await verbs.readData(id))!
  broken.add('save')
  await expect(verbs.updateData(id, { ...data, user: 'Grace' })).rejects.toMatchObject({
    code: 'UNTORN_STORE_UNAVAILABLE',
  })
})

test('misuse is refused where it is made', () => {
  expect(() => untornStorage({} as SessionStore)).toThrow(expect.objectContaining({ option: 'store' }))
  const wrong = { cookie: { name: 'sid' } } as StorageOptions
  expect(() => untornStorage(memoryStore(), wrong)).toThrow(expect.objectContaining({ option: 'cookie' }))
  const unknown = { ttl: 5 } as StorageOptions
  expect(() => untornStorage(memoryStore(), unknown)).toThrow(expect.objectContaining({ option: 'ttl' }))
  expect(() => withNewIds({} as never)).toThrow(expect.objectContaining({ code: 'UNTORN_INVALID_ARGUMENT' }))
})
