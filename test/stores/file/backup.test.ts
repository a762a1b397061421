import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkDirectory } from '../../../src/file.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

/** Copies as `cp` does it with these arguments. */
function copied(from: string, ...how: string[]): string {
  const to = join(temporaryDirectory(), 'sessions')
  execFileSync('cp', [...how, from, to])
  return to
}

/** A store with a session, which is in the backup, and has gone on since. */
async function backedUp(...how: string[]) {
  const store = openStore()
  const [key, later] = [newKey(), newKey()]
  await store.create(key, newRecord({ user: 'Ada' }))
  const backup = copied(store.directory, ...how)
  await store.save(key, { set: texts({ cart: [1], text: 'x'.repeat(500) }) })
  await store.create(later, newRecord({ user: 'Eve' }))
  return { store, backup, key, later }
}

const OLD = texts({ user: 'Ada' })

describe('a backup of the session directory', () => {
  test.each([
    ['cp -a', ['-a']],
    ['cp -r, which keeps neither times nor rights', ['-r']],
  ])('made by %s is a session directory', async (_, how) => {
    const { backup, key } = await backedUp(...how)
    const store = openStore({ directory: backup })
    expect(store.load(key)?.values).toEqual(OLD)
    expect(await store.save(key, { set: texts({ a: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(await store.clearExpired()).toEqual({ scanned: 1, removed: 0 })
    expect((await checkDirectory(backup)).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  test('made where a group may write by default: refused at start, down to a shard, with one command', async () => {
    const { backup, key } = await backedUp('-a')
    chmodSync(join(backup, key.slice(0, 2)), 0o775)
    expect(() => openStore({ directory: backup })).toThrow(`chmod -R go-w "${backup}"`)
    execFileSync('chmod', ['-R', 'go-w', backup])
    expect(openStore({ directory: backup }).load(key)?.values).toEqual(OLD)
  })

  test('whose manifest is read-only: it is swept all the same', async () => {
    const { backup } = await backedUp('-a')
    chmodSync(join(backup, 'untorn.json'), 0o444)
    expect(await openStore({ directory: backup }).clearExpired()).toEqual({ scanned: 1, removed: 0 })
  })

  test.each([
    ['over the files', (from: string, to: string) => copyFileSync(from, to)],
    ['in their place', (from: string, to: string) => renameSync(from, to)],
  ])('older journals, restored %s under a store that runs: as they were then', async (_, restore) => {
    const { store, backup, key, later } = await backedUp('-a')
    const other = openStore({ directory: store.directory })
    for (const each of [store, other]) expect(each.load(key)?.values.size).toBe(3)
    restore(join(backup, key.slice(0, 2), key.slice(2)), journalPath(store, key))
    for (const each of [store, other]) {
      expect(each.load(key)?.values).toEqual(OLD)
      expect(each.exists(later)).toBe(true)
    }
    await store.save(key, { set: texts({ b: 2 }) })
    for (const each of [store, other]) expect(each.load(key)?.values).toEqual(texts({ user: 'Ada', b: 2 }))
  })

  test('all of it, in the place of what was there: what is not in it is gone, and nothing fails', async () => {
    const { store, backup, key, later } = await backedUp('-a')
    rmSync(store.directory, { recursive: true })
    renameSync(backup, store.directory)
    expect(store.load(key)?.values).toEqual(OLD)
    expect(store.exists(later)).toBe(false)
    expect(store.create(newKey(), newRecord())).toBe(true)
    expect(await store.count()).toBe(2)
    expect(readdirSync(store.directory)).toContain('untorn.json')
  })
})
