import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../../src/contract/key.ts'
import { applyChange, type NewRecord, type SessionChange } from '../../../../src/contract/record.ts'
import type { FileStore } from '../../../../src/stores/file/file-store.ts'
import { type Holders, systemHolders } from '../../../../src/stores/file/holder.ts'
import { decodeLines } from '../../../../src/stores/file/journal/line.ts'
import { BLANK, replay } from '../../../../src/stores/file/journal/replay.ts'
import { nodeClock } from '../../../../src/stores/file/node-files.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'
import { inWhole } from '../../../support/whole.ts'
import { journalPath, openStore } from '../file-stores.ts'
import { bytesOf, damage, journalAbout, KEY, number, text } from './arbitrary-journals.ts'
import { same } from './same.ts'

const NOW = 1_000_000
const quiet = { onEvent: () => {} }
const clock = { ...nodeClock, now: () => NOW }

/** Whoever sealed a journal of these tests is not there any more. */
const allDead = (name: string): Holders => {
  const real = systemHolders(name)
  const self = real.self
  return { ...real, self, status: (holder) => (holder.store === self.store ? 'self' : 'dead') }
}

const open = (directory?: string): FileStore =>
  openStore({ options: quiet, clock, holders: allDead, ...(directory === undefined ? {} : { directory }) })

/** Before and after the moment at which the stores live. */
const moment = fc.oneof(fc.constantFrom(1, NOW - 1, NOW, NOW + 1), fc.constant(2 * NOW))
const earlier = fc.constantFrom(0, 1, NOW - 1, NOW)

const bytesOfSomebody = fc
  .tuple(journalAbout(moment, earlier), fc.array(damage, { maxLength: 2 }))
  .map(([lines, damages]) => (key: SessionKey): Buffer => {
    const named = lines.map((line) => (line.kind === 'base' && line.key === KEY ? { ...line, key } : line))
    return damages.reduce<Buffer>((bytes, { act }) => act(bytes), bytesOf(named))
  })

describe('a session file with the bytes of anybody', () => {
  test('is a session or none, for every verb, and no verb breaks on it', async () => {
    const [store, other] = await twoStores()
    const outcomes = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(bytesOfSomebody, async (bytesIn) => {
        const key = newKey()
        const bytes = bytesIn(key)
        plant(store, key, bytes)
        const state = replay(BLANK, decodeLines(bytes).lines, key)
        const said = state.phase === 'open' || state.phase === 'sealed' ? state.record : undefined
        const expected = said && said.expiresAt > NOW ? said : undefined
        same(store.load(key), expected)
        same(other.exists(key), expected !== undefined)

        const saved = await other.save(key, { set: texts({ mine: 1 }), expiresAt: 2 * NOW })
        expect(saved.outcome).toBe(expected ? 'saved' : 'gone')
        outcomes.set(
          `${state.phase} ${saved.outcome}`,
          (outcomes.get(`${state.phase} ${saved.outcome}`) ?? 0) + 1,
        )
        if (expected) {
          const after = applyChange(expected, { set: texts({ mine: 1 }), expiresAt: 2 * NOW })
          same(store.load(key), after)
          same(other.load(key), after)
        } else same(store.load(key), undefined)

        expect(await store.delete(key)).toBe(expected !== undefined)
        same(other.load(key), undefined)
        expect(await other.save(key, { set: texts({ mine: 2 }) })).toEqual({ outcome: 'gone' })
      }),
      { numRuns: inWhole(400, 300) },
    )
    await store.clearExpired()
    const left: unknown[] = []
    for await (const entry of store.records()) left.push(entry)
    expect(left).toEqual([])
    for (const met of ['open saved', 'sealed saved', 'open gone', 'ended gone', 'void gone'])
      expect(outcomes.get(met) ?? 0, met).toBeGreaterThan(3)
  })

  test('keeps no sweep and no listing from the sessions beside it', async () => {
    const [store, other] = await twoStores()
    const mine = newKey()
    await store.create(mine, newRecord({ user: 'Ada' }, { expiresAt: 2 * NOW }))
    fc.assert(
      fc.property(bytesOfSomebody, (bytesIn) => {
        const key = newKey()
        plant(store, key, bytesIn(key))
      }),
      { numRuns: inWhole(200, 50) },
    )
    await other.clearExpired()
    const listed: string[] = []
    for await (const [key, record] of other.records()) {
      listed.push(key)
      expect(record.expiresAt).toBeGreaterThan(NOW)
    }
    expect(listed).toContain(mine)
  })
})

describe('any record', () => {
  const values = fc.array(fc.tuple(text, text), { maxLength: 6 }).map((entries) => new Map(entries))
  const later = number.filter((n) => n > NOW)
  const record: fc.Arbitrary<NewRecord> = fc
    .record({ values, createdAt: number, expiresAt: later, owner: fc.option(text, { nil: undefined }) })
    .map(({ owner, ...rest }) => (owner === undefined ? rest : { ...rest, owner }))
  const change: fc.Arbitrary<SessionChange> = fc.record(
    { set: values, delete: fc.array(text, { maxLength: 3 }), expiresAt: later, owner: fc.option(text) },
    { requiredKeys: [] },
  )

  test('is read as it was stored, and as each change left it, by the store and by others', async () => {
    const [store, other] = await twoStores()
    await fc.assert(
      fc.asyncProperty(record, fc.array(change, { maxLength: 5 }), async (stored, changes) => {
        const key = newKey()
        expect(await store.create(key, stored)).toBe(true)
        let expected = { ...stored, version: 0 }
        same(other.load(key), expected)
        for (const [n, each] of changes.entries()) {
          expected = applyChange(expected, each) as typeof expected
          const saved = await [store, other][n % 2]!.save(key, each)
          same(saved, { outcome: 'saved', record: expected })
        }
        same(store.load(key), expected)
        same(openFresh(store).load(key), expected)
      }),
      { numRuns: inWhole(300, 50) },
    )
  })

  const openFresh = (store: FileStore): FileStore => open(store.directory)
})

async function twoStores(): Promise<[FileStore, FileStore]> {
  const store = open()
  return [store, open(store.directory)]
}

function plant(store: FileStore, key: string, bytes: Uint8Array): void {
  mkdirSync(dirname(journalPath(store, key)), { recursive: true, mode: 0o700 })
  writeFileSync(journalPath(store, key), bytes, { mode: 0o600 })
}
