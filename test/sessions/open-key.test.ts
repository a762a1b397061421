import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createSessions, type SessionKey, type SessionStore, sessionKey } from '../../src/index.ts'
import { moving } from '../../src/moving.ts'
import { fileStore } from '../../src/stores/file/file-store.ts'
import { memoryStore } from '../../src/stores/memory/memory-store.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { PlainStore } from '../support/plain-store.ts'
import { whole } from '../support/whole.ts'
import { cookieHeader } from './visit.ts'

const coded = (code: string) => expect.objectContaining({ code })
const MISUSE = coded('UNTORN_MISUSE')

describe.each<[string, () => SessionStore]>([
  ['the memory store', () => memoryStore()],
  ['the file store', () => fileStore(temporaryDirectory())],
  ['a slow store', () => new PlainStore({ slow: true })],
  ['a store that moves', () => moving({ from: memoryStore(), to: fileStore(temporaryDirectory()) })],
])('on %s', (_, makeStore) => {
  async function visited() {
    const sessions = createSessions({ store: makeStore() })
    const session = await sessions.open(undefined)
    session.set('user', 'ada')
    const cookie = cookieHeader(await session.commit())
    return { sessions, cookie, key: sessionKey(session.id) }
  }

  test('a session is read and changed by its key, and its visitor finds that', async () => {
    const { sessions, cookie, key } = await visited()
    const found = (await sessions.openKey(key))!
    expect(found.get('user')).toBe('ada')
    expect(found.isNew).toBe(false)
    found.set('banned', true)
    found.flash('notice', 'Behave')
    expect(await found.once('token', () => 'new')).toBe('new')
    found.setExpiry('2h')
    await found.save()
    // There is nobody to send a cookie to.
    expect(await found.commit()).toBeUndefined()
    const visitor = await sessions.open(cookie)
    expect(visitor.toJSON()).toEqual({ user: 'ada', banned: true, token: 'new' })
    expect(await visitor.flashes('notice')).toEqual(['Behave'])
    await sessions.close()
  })

  test('what needs the id is refused, and says why', async () => {
    const { sessions, key } = await visited()
    const found = (await sessions.openKey(key))!
    expect(() => found.id).toThrow(MISUSE)
    expect(() => found.regenerate()).toThrow(MISUSE)
    expect(() => found.rotate()).toThrow(/no cookie could bring it/)
    expect(await found.commit()).toBeUndefined()
    expect((await sessions.openKey(key))!.get('user')).toBe('ada')
    await sessions.close()
  })

  test('it ends for good, and nothing begins in its place', async () => {
    const { sessions, cookie, key } = await visited()
    const found = (await sessions.openKey(key))!
    await found.destroy()
    expect((await sessions.open(cookie)).isNew).toBe(true)
    found.set('user', 'eve')
    await expect((async () => found.save())()).rejects.toThrow(coded('UNTORN_SESSION_GONE'))
    await expect((async () => found.begin())()).rejects.toThrow(coded('UNTORN_SESSION_GONE'))
    expect(await sessions.openKey(key)).toBeUndefined()
    expect(await sessions.count()).toBe(0)
    await sessions.close()
  })

  test('there is none of a key that nobody has, of one that was replaced, and of a note', async () => {
    const { sessions, cookie, key } = await visited()
    const session = await sessions.open(cookie)
    await session.regenerate()
    await session.commit()
    expect(await sessions.openKey(key)).toBeUndefined()
    expect(await sessions.openKey(sessionKey('nobody'))).toBeUndefined()
    expect(await sessions.openKey(`${'a'.repeat(56)}00000000` as SessionKey)).toBeUndefined()
    expect((await sessions.openKey(sessionKey(session.id)))!.get('user')).toBe('ada')
    await expect((async () => sessions.openKey('an id' as SessionKey))()).rejects.toThrow(
      coded('UNTORN_INVALID_ARGUMENT'),
    )
    await sessions.close()
  })

  test('sessions are counted, what is noted of ids is none', async () => {
    const { sessions, cookie } = await visited()
    const second = await sessions.open(undefined)
    await second.begin()
    const first = await sessions.open(cookie)
    await first.regenerate()
    await first.commit()
    // The old record may not be removed yet.
    const count = await sessions.count()
    expect(count).toBeGreaterThanOrEqual(2)
    expect(count).toBeLessThanOrEqual(3)
    await sessions.close()
  })

  test('a health check asks the store one thing, and is an error once it is closed', async () => {
    const { sessions } = await visited()
    expect(await sessions.ping()).toBeUndefined()
    await sessions.close()
    if (sessions.store instanceof PlainStore) return
    await expect(sessions.ping()).rejects.toThrow(MISUSE)
  })
})

describe('a health check', () => {
  const unavailable = coded('UNTORN_STORE_UNAVAILABLE')

  test('makes one short call, and changes nothing', async () => {
    const store = new PlainStore()
    await createSessions({ store }).ping()
    expect(store.calls.map(({ method }) => method)).toEqual(['exists'])
  })

  test('tells of a directory that is gone', async () => {
    const directory = temporaryDirectory()
    const sessions = createSessions({ store: fileStore(directory, { sweepEvery: 0 }) })
    await sessions.ping()
    rmSync(directory, { recursive: true })
    await expect(sessions.ping()).rejects.toThrow(unavailable)
  })

  test('has an error with a type, whatever the store throws', async () => {
    const store = new PlainStore()
    const cause = new Error('ECONNREFUSED')
    store.failing.set('exists', cause)
    await expect(createSessions({ store }).ping()).rejects.toMatchObject({
      code: 'UNTORN_STORE_UNAVAILABLE',
      cause,
    })
  })

  test.runIf(whole)('waits for five seconds at most', async () => {
    const store = Object.assign(new PlainStore(), { exists: () => new Promise<boolean>(() => {}) })
    const since = performance.now()
    await expect(createSessions({ store }).ping()).rejects.toThrow(unavailable)
    expect(performance.now() - since).toBeGreaterThan(4900)
  })
})
