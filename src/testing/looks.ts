import assert from 'node:assert/strict'
import type { SessionKey } from '../contract/key.ts'
import { applyChange, type SessionChange, type SessionRecord } from '../contract/record.ts'
import type { SaveResult, SessionStore } from '../contract/store.ts'
import type { Stage } from './case.ts'
import { collect, type Stored } from './samples.ts'

type Listing = AsyncIterable<[SessionKey, SessionRecord]>

/** The store objects of a stage, each once. */
export function objectsOf({ here, there }: Stage): SessionStore[] {
  return [...new Set([here, there])]
}

/** That a record is the one expected, to the last byte, whatever objects it is made of. */
export function assertRecord(actual: SessionRecord | undefined, expected: SessionRecord): void {
  assert.ok(actual, 'there should be a record')
  assert.deepEqual(plain(actual), plain(expected))
}

function plain({ version, values, createdAt, expiresAt, owner }: SessionRecord) {
  return { version, values: new Map(values), createdAt, expiresAt, owner }
}

/** That sessions are there, as they should be, by whichever object they are looked for. */
export async function assertStored(stage: Stage, ...sessions: Stored[]): Promise<void> {
  for (const store of objectsOf(stage)) {
    const list = new Map(await collect(store.records()))
    for (const { key, record } of sessions) {
      assertRecord(await store.load(key), record)
      assert.equal(await store.exists(key), true)
      assertRecord(list.get(key), record)
    }
  }
}

/** That no verb finds a session, by whichever object it is looked for. */
export async function assertAbsent(stage: Stage, key: SessionKey): Promise<void> {
  for (const store of objectsOf(stage)) {
    assert.equal(await store.load(key), undefined)
    assert.equal(await store.exists(key), false)
    assert.equal(await listed(store.records(), key), undefined)
  }
}

/** A session's record in a listing. */
export async function listed(listing: Listing, key: SessionKey): Promise<SessionRecord | undefined> {
  const found = (await collect(listing)).filter(([each]) => each === key)
  assert.ok(found.length <= 1, 'a listing yields a session once')
  return found[0]?.[1]
}

export async function keysIn(listing: Listing): Promise<SessionKey[]> {
  return (await collect(listing)).map(([key]) => key).sort()
}

export function keysOf(...stored: Stored[][]): SessionKey[] {
  return stored
    .flat()
    .map(({ key }) => key)
    .sort()
}

export function byOwner(store: SessionStore, owner: string): Listing {
  assert.ok(store.byOwner, 'the store has no byOwner')
  return store.byOwner(owner)
}

export async function countOf(store: SessionStore): Promise<number> {
  assert.ok(store.count, 'the store has no count')
  return store.count()
}

/** What time it is for a store. */
export async function nowOf(store: SessionStore): Promise<number> {
  return store.now ? store.now() : Date.now()
}

/** The record that a save made. */
export function savedBy(result: SaveResult): SessionRecord {
  assert.ok(result.outcome === 'saved', `the outcome of the save should be saved, not ${result.outcome}`)
  return result.record
}

export function assertConflict(result: SaveResult, current: SessionRecord): void {
  assert.ok(
    result.outcome === 'conflict',
    `the outcome of the save should be conflict, not ${result.outcome}`,
  )
  assertRecord(result.record, current)
}

/** Saves, and gives back what should be stored from then on. */
export async function change(
  store: SessionStore,
  { key, record }: Stored,
  change: SessionChange,
): Promise<Stored> {
  const expected = applyChange(record, change)
  assertRecord(savedBy(await store.save(key, change)), expected)
  return { key, record: expected }
}
