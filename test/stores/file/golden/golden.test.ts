import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../../src/contract/key.ts'
import { applyChange } from '../../../../src/contract/record.ts'
import type { FileStoreEvent } from '../../../../src/stores/file/events.ts'
import type { SyncFileStore } from '../../../../src/stores/file/file-store.ts'
import { type Holders, systemHolders } from '../../../../src/stores/file/holder.ts'
import { nodeClock } from '../../../../src/stores/file/node-files.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'
import { journalPath, openStore } from '../file-stores.ts'
import { type Expected, sha256 } from './expected.ts'
import { SAMPLES } from './samples.ts'

const FOLDER = fileURLToPath(new URL('journals', import.meta.url))
const files = readdirSync(FOLDER)
const names = files
  .filter((file) => file.endsWith('.journal'))
  .map((file) => file.slice(0, -'.journal'.length))

/** Whoever sealed a journal is long dead. */
const longDead = (name: string): Holders => {
  const real = systemHolders(name)
  const { self } = real
  return { ...real, self, status: (holder) => (holder.store === self.store ? 'self' : 'dead') }
}

/** A store at a time of its own. */
function openAt(
  at: number,
  { directory, onEvent = () => {} }: { directory?: string; onEvent?: (event: FileStoreEvent) => void } = {},
): SyncFileStore {
  const place = directory === undefined ? {} : { directory }
  const clock = { ...nodeClock, now: () => at }
  return openStore({ clock, holders: longDead, options: { onEvent }, ...place })
}

describe('a journal that any release has written', () => {
  test.each(names)('is read for ever as it was meant: %s', async (name) => {
    const bytes = readFileSync(`${FOLDER}/${name}.journal`)
    const expected = JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as Expected
    expect(sha256(bytes), 'a golden journal was changed: add another one instead').toBe(expected.sha256)
    const damages: FileStoreEvent[] = []
    const store = openAt(expected.at, { onEvent: (event) => damages.push(event) })
    const key = (expected.key as SessionKey | undefined) ?? newKey()
    mkdirSync(dirname(journalPath(store, key)), { mode: 0o700 })
    writeFileSync(journalPath(store, key), bytes, { mode: 0o600 })
    const record = expected.record && { ...expected.record, values: new Map(expected.record.values) }

    const loaded = store.load(key)
    expect(loaded).toEqual(record ?? undefined)
    if (loaded) expect([...loaded.values]).toEqual(expected.record!.values) // their order too
    expect(damages).toEqual(expected.damage ? [expect.objectContaining(expected.damage)] : [])

    const change = { set: texts({ more: 1 }) }
    const saved = await openAt(expected.at, { directory: store.directory }).save(key, change)
    expect(saved).toEqual(
      record ? { outcome: 'saved', record: applyChange(record, change) } : { outcome: 'gone' },
    )
    expect(store.load(key)).toEqual(record ? applyChange(record, change) : undefined)
    expect(await store.delete(key)).toBe(record !== null)
  })

  test('has a sample of each kind, and each sample says what it is', () => {
    expect(files.filter((file) => file.endsWith('.json')).length).toBe(names.length)
    expect(names.sort()).toEqual(expect.arrayContaining(Object.keys(SAMPLES).sort()))
    const all = names.map((name) => readFileSync(`${FOLDER}/${name}.journal`, 'utf8')).join('')
    for (const kind of ['base', 'change', 'end', 'seal']) expect(all).toContain(`{"kind":"${kind}"`)
    for (const field of [
      'key',
      'set',
      'delete',
      'expires',
      'owner',
      'ifVersion',
      'ifExpires',
      'holder',
      'replaces',
    ])
      expect(all).toContain(`"${field}":`)
  })
})

describe('a process of the first release, beside those of today,', async () => {
  const { readJournal } = (await import(new URL('first-reader.mjs', import.meta.url).href)) as {
    readJournal(bytes: Uint8Array): {
      phase: string
      record: { version: number; values: Map<string, string> } | null
    }
  }

  test('reads what they have created, saved and folded', async () => {
    const store = openStore()
    const key = newKey()
    const record = newRecord({ user: 'ada' }, { owner: 'ada' })
    const bytes = (): Buffer => readFileSync(journalPath(store, key))
    const same = (): void =>
      expect(readJournal(bytes())).toMatchObject({
        phase: 'open',
        record: { version: store.load(key)!.version, owner: 'ada', values: store.load(key)!.values },
      })
    await store.create(key, record)
    expect(bytes().toString()).toContain(`"key":"${key}"`)
    same()
    await store.save(key, { set: texts({ n: 1 }), delete: ['user'] })
    same()
    for (let n = 0; store.stats.folds === 0; n++)
      await store.save(key, { set: texts({ n: `${n}`.padEnd(9999) }) })
    expect(bytes().toString()).toContain(`"key":"${key}"`)
    same()
  })

  test('writes what they read: a base that names no key is read under any name', () => {
    const bases = names.filter(
      (name) => !readFileSync(`${FOLDER}/${name}.journal`, 'utf8').includes('"key":'),
    )
    expect(bases).toContain('1-base')
    for (const name of names) {
      const bytes = readFileSync(`${FOLDER}/${name}.journal`)
      const { record, key } = JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as Expected
      const old = readJournal(bytes).record
      if (key === undefined && record) expect([...old!.values]).toEqual(record.values)
    }
  })
})
