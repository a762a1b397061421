import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { keyOfNoSession, type SessionKey, sessionKey } from '../contract/key.ts'
import type { NewRecord, SessionRecord } from '../contract/record.ts'
import type { SessionStore } from '../contract/store.ts'

export const HOUR = 3_600_000

/** Bytes, as JSON has it: stores take no longer one. */
export const LONGEST_OWNER = 2048

/** A key that no store has seen. */
export function newKey(): SessionKey {
  return sessionKey(randomUUID())
}

/** The key of a record that is no session, and that no store has seen. */
export function newKeyOfNoSession(): SessionKey {
  return keyOfNoSession(randomUUID())
}

/** A moment that is over by every clock. */
export function longPast(): number {
  return Date.now() - HOUR
}

export function newRecord(given: Partial<NewRecord> = {}): NewRecord {
  const now = Date.now()
  const { expiresAt = now + HOUR } = given
  const values = new Map([
    ['user', '{"name":"Ada"}'],
    ['cart', '["apple","pear"]'],
  ])
  return { values, createdAt: Math.min(now, expiresAt - HOUR), expiresAt, ...given }
}

export interface Stored {
  key: SessionKey
  record: SessionRecord
}

/** A session under a new key, or a record under the one that is given, and what a load should find. */
export async function put(
  store: SessionStore,
  given: Partial<NewRecord> = {},
  key: SessionKey = newKey(),
): Promise<Stored> {
  const record = newRecord(given)
  assert.equal(await store.create(key, record), true, 'a key that was never used is free')
  return { key, record: { ...record, values: new Map(record.values), version: 0 } }
}

/** Several at once, so that a store over a network is not asked one by one. */
export function putMany(
  count: number,
  store: SessionStore,
  given: Partial<NewRecord> = {},
): Promise<Stored[]> {
  return Promise.all(times(count, () => put(store, given)))
}

/** Several records that are no sessions. */
export function putManyOfNoSession(
  count: number,
  store: SessionStore,
  given: Partial<NewRecord> = {},
): Promise<Stored[]> {
  return Promise.all(times(count, () => put(store, given, newKeyOfNoSession())))
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/**
 * Lives to be tried one after the other, in milliseconds: on a busy machine a short one may be over before the session
 * could be used, which shows nothing. Long ones come only where the one before was over before it could be seen, and
 * none is longer than `longest`.
 */
export function* shortLives(longest = 25_600): Generator<number> {
  for (let life = 25; life <= longest; life *= 4) {
    const begun = Date.now()
    yield life
    if (life >= 1600 && Date.now() < begun + life) return
  }
}

const LONGEST_WAIT_MS = 2000

/** Waits until a moment is over by the clock that the store goes by, which may be a server's. */
export async function untilExpired(store: SessionStore, expiresAt: number): Promise<void> {
  // The session in question must not be looked at: a store may remove an expired one when it meets it.
  const { key } = await put(store, { expiresAt })
  const deadline = performance.now() + LONGEST_WAIT_MS
  do await sleep(Math.min(Math.max(expiresAt - Date.now(), 0) + 1, LONGEST_WAIT_MS))
  while ((await store.exists(key)) && performance.now() < deadline)
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
