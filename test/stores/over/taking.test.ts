import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { isNoSession, type SessionKey, sessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import type { SessionSource } from '../../../src/contract/source.ts'
import { copySessions, moveSessions, verifySessions } from '../../../src/copy.ts'
import { InvalidOptionError, StoreBusyError } from '../../../src/errors.ts'
import { fileStore } from '../../../src/file.ts'
import { sessionFileStore } from '../../../src/formats.ts'
import { memoryStore } from '../../../src/memory.ts'
import { moving } from '../../../src/moving.ts'
import { copyWith } from '../../../src/stores/over/moving/marks.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { PlainStore } from '../../support/plain-store.ts'
import { newRecord, texts } from '../../support/records.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ID = 'an-id'
const KEY = sessionKey(ID)

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
  write(ID, { user: 'Ada' })
})

function write(id: string, values: object, ttl = HOUR): void {
  const cookie = { originalMaxAge: ttl }
  writeFileSync(
    join(directory, `${id}.json`),
    JSON.stringify({ cookie, ...values, __lastAccess: Date.now() }),
  )
}

const source = (): SessionSource => sessionFileStore(directory)

const load = (
  store: { load(key: SessionKey, options: object): unknown },
  id = ID,
): SessionRecord | undefined => store.load(sessionKey(id), { id }) as SessionRecord | undefined

const userOf = (record: SessionRecord | undefined) => record?.values.get('user')

async function keysOf(listing: AsyncIterable<[SessionKey, SessionRecord]>): Promise<SessionKey[]> {
  const keys: SessionKey[] = []
  for await (const [key] of listing) keys.push(key)
  return keys.sort()
}

describe('a session that is only read', () => {
  test('is taken along when its visitor first comes, and used there from then on', () => {
    const to = new PlainStore()
    const store = moving({ from: source(), to })
    const record = load(store)!
    expect(userOf(record)).toBe('"Ada"')
    expect(to.only()).toEqual(record)
    expect(store.save(KEY, { set: texts({ n: 1 }) }, { ifVersion: record.version })).toMatchObject({
      outcome: 'saved',
    })
    write(ID, { user: 'Eve' })
    expect(load(store)!.values).toEqual(new Map([...record.values, ['n', '1']]))
    expect(store.load(KEY)).toEqual(load(store))
  })

  test('costs one call of to from then on, and an unknown id two', () => {
    const to = new PlainStore()
    const store = moving({ from: source(), to })
    load(store)
    const first = to.calls.splice(0).map(({ method }) => method)
    expect(first).toEqual(['load', 'exists', 'create', 'create', 'save'])
    load(store)
    void store.save(KEY, { set: texts({ n: 1 }) })
    expect(to.counted()).toBe(2)
    load(store, 'nobody')
    expect(to.counted()).toBe(2)
  })

  test('answers at once where both do', () => {
    expect(moving({ from: source(), to: memoryStore() }).loadsAtOnce).toBe(true)
    expect(moving({ from: source(), to: new PlainStore() }).loadsAtOnce).toBe(false)
    expect(load(moving({ from: source(), to: memoryStore() }))).not.toBeInstanceOf(Promise)
  })

  test.each<[string, (store: ReturnType<typeof made>) => unknown]>([
    ['signed out', (store) => expect(store.delete(KEY)).toBe(true)],
    ['ended by a save', (store) => store.save(KEY, { expiresAt: 0 })],
    ['expired there before', (store) => store.save(KEY, { expiresAt: Date.now() - 1 })],
  ])('does not come back once it was %s', (_, end) => {
    const to = new PlainStore()
    const store = made(to)
    load(store)
    end(store)
    expect(load(store)).toBeUndefined()
    expect(load(made(to))).toBeUndefined()
    expect(store.save(KEY, { set: texts({ n: 1 }) })).toEqual({ outcome: 'gone' })
    expect(to.all()).toEqual([])
    expect(userOf(load(source()))).toBe('"Ada"')
  })

  const made = (to: PlainStore) => moving({ from: source(), to })

  test('nor once it was ended by its key alone', async () => {
    const to = new PlainStore()
    const store = made(to)
    expect(store.delete(KEY)).toBe(false)
    expect(load(store)).toBeUndefined()
    expect(await keysOf(store.records())).toEqual([])
    const until = await receiptOf(to)
    expect(until - Date.now()).toBeGreaterThan(399 * DAY)
    expect(until - Date.now()).toBeLessThanOrEqual(400 * DAY)
  })

  test('and this is remembered until a day after it would have ended', async () => {
    const to = new PlainStore()
    const { expiresAt } = load(made(to))!
    expect(await receiptOf(to)).toBe(expiresAt + DAY)
  })

  async function receiptOf(to: PlainStore): Promise<number> {
    const receipts: number[] = []
    for await (const [key, { expiresAt }] of to.records({ all: true }))
      if (isNoSession(key)) receipts.push(expiresAt)
    expect(receipts).toHaveLength(1)
    return receipts[0]!
  }

  test('is found by its id alone, as far as it was not taken', () => {
    const store = made(new PlainStore())
    expect(store.load(KEY)).toBeUndefined()
    expect(store.exists(KEY)).toBe(false)
    expect(store.save(KEY, { set: texts({ n: 1 }) })).toEqual({ outcome: 'gone' })
    load(store)
    expect(store.exists(KEY)).toBe(true)
  })

  test('is listed, taken or not, each once', async () => {
    const to = new PlainStore()
    const store = made(to)
    for (const id of ['b', 'c', 'd']) write(id, {})
    void to.create(sessionKey('own'), newRecord())
    load(store)
    load(store, 'b')
    void store.delete(sessionKey('b'))
    void store.delete(sessionKey('c'))
    expect(await keysOf(store.records())).toEqual([KEY, sessionKey('d'), sessionKey('own')].sort())
    expect(store).not.toHaveProperty('count')
  })

  test('whose copy was left by a process that died is decided by whoever comes next', () => {
    const to = new PlainStore()
    const mark = { version: 0, attempt: 7, until: Date.now() + HOUR }
    void to.create(KEY, copyWith(mark, { ...newRecord({ user: 'Ada' }), version: 0 }))
    expect(userOf(load(made(to)))).toBe('"Ada"')
    expect(to.only().values.size).toBe(1)
  })

  test('is not taken of a copy that is late, as nobody may remember any more what became of it', () => {
    const to = new PlainStore()
    const mark = { version: 0, attempt: 7, until: Date.now() - 1 }
    void to.create(KEY, copyWith(mark, { ...newRecord({ user: 'Eve' }), version: 0 }))
    expect(made(to).load(KEY)).toBeUndefined()
    expect(to.all()).toEqual([])
  })

  test('that can not be taken is told, and tried again with the next request', () => {
    const to = new PlainStore()
    to.create = () => false
    expect(() => load(made(to))).toThrow(StoreBusyError)
  })

  test('leaves what it came from as it was', async () => {
    const contents = () => readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'))
    const before = contents()
    const store = made(new PlainStore())
    load(store)
    void store.save(KEY, { set: texts({ n: 1 }) })
    void store.delete(KEY)
    await store.clearExpired()
    await store.close()
    expect(contents()).toEqual(before)
  })
})

describe('moving from what is only read', () => {
  test('goes by the clock of to', () => {
    const to = new PlainStore({ ahead: 20 * HOUR })
    const store = moving({ from: source(), to })
    expect(load(store)!.expiresAt - to.time).toBeGreaterThan(HOUR - 15_000)
    expect(store.now()).toBeGreaterThan(Date.now() + 19 * HOUR)
    void store.delete(KEY)
    expect(load(store)).toBeUndefined()
  })

  test('writes only to to', () => {
    const options = { from: source(), to: new PlainStore(), writeTo: 'from' } as never
    expect(() => moving(options)).toThrow(InvalidOptionError)
    const inner = moving({ from: source(), to: new PlainStore() })
    expect(() => moving({ from: source(), to: inner })).toThrow(InvalidOptionError)
    expect(() => moving({ from: inner, to: new PlainStore() })).toThrow(InvalidOptionError)
    expect(() => moving({ from: new PlainStore(), to: source() } as never)).toThrow('no method `create`')
  })

  test('is told to both stores when it is closed', async () => {
    const to = new PlainStore()
    await moving({ from: source(), to }).close()
    expect(to.closed).toBe(true)
  })

  test('is finished by moveSessions in one pass, also beside an application', async () => {
    const to = new PlainStore({ slow: true })
    for (let n = 0; n < 50; n++) write(`id-${n}`, { user: n })
    writeFileSync(join(directory, 'broken.json'), '{')
    const store = moving({ from: source(), to })
    await (store.load(KEY, { id: ID }) as Promise<unknown>)
    await store.delete(KEY)
    const [done] = await Promise.all([
      moveSessions({ from: source(), to }),
      ...Array.from({ length: 50 }, async (_, n) => {
        const id = `id-${n}`
        const record = await store.load(sessionKey(id), { id })
        expect(userOf(record)).toBe(`${n}`)
        expect(await store.save(sessionKey(id), { set: texts({ seen: n }) })).toMatchObject({
          outcome: 'saved',
        })
      }),
    ])
    expect(done).toMatchObject({ moved: 50, ended: 1, passes: 1, left: 0, unreadable: 1 })
    expect(to.all().every(([, { values }]) => values.has('seen') && values.size === 3)).toBe(true)
    expect(to.all()).toHaveLength(50)
  })

  test('in several processes on files takes each session once', async () => {
    const path = temporaryDirectory()
    const stores = Array.from({ length: 3 }, () => moving({ from: source(), to: fileStore(path) }))
    const [one, two, three] = stores as [(typeof stores)[0], (typeof stores)[0], (typeof stores)[0]]
    expect(load(one)).toEqual(load(two))
    two.save(KEY, { set: texts({ n: 1 }) })
    expect(load(three)!.values.get('n')).toBe('1')
    expect(three.delete(KEY)).toBe(true)
    for (const store of stores) expect(load(store)).toBeUndefined()
    for (const store of stores) await store.close()
  })
})

describe('a copy of what is only read', () => {
  test('has every session, and a second one finds them', async () => {
    const to = new PlainStore()
    for (let n = 0; n < 20; n++) write(`id-${n}`, { n })
    writeFileSync(join(directory, 'broken.json'), '{')
    expect(await copySessions({ from: source(), to })).toMatchObject({ seen: 21, copied: 21, unreadable: 1 })
    expect(await copySessions({ from: source(), to })).toMatchObject({ seen: 21, same: 21, copied: 0 })
    expect(await verifySessions({ from: source(), to })).toMatchObject({ ok: true, from: 21, same: 21 })
  })

  test('is found to lack what is not there', async () => {
    const to = new PlainStore()
    await copySessions({ from: source(), to })
    write('later', {})
    void to.save(KEY, { set: texts({ n: 1 }) })
    expect(await verifySessions({ from: source(), to })).toMatchObject({
      ok: false,
      newer: 1,
      differences: [{ kind: 'missing' }],
    })
  })
})
