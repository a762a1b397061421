import { describe, expect, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import type { FileStoreStats } from '../../../src/stores/file/file-store.ts'
import { newKeyOfNoSession } from '../../../src/testing/samples.ts'
import { startChild } from '../../support/child.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { inWhole } from '../../support/whole.ts'

const PROCESSES = 4
/** Of the short run's few thousand, too, some meet a fold by another process. */
const TIMES = inWhole(5000, 1000)

describe('several processes on one directory', () => {
  test(`four processes lose none of ${PROCESSES * TIMES} conditional increments, and none of the values of their own`, async () => {
    const directory = temporaryDirectory()
    const store = fileStore(directory)
    const key = newKey()
    await store.create(key, newRecord({ count: 0 }))

    const names = Array.from({ length: PROCESSES }, (_, n) => `p${n}`)
    const script = new URL('./children/increment.ts', import.meta.url)
    const children = names.map((name) => startChild(script, directory, key, name, String(TIMES)))
    for (const child of children) expect(await child.line()).toBe('ready')
    for (const child of children) child.process.stdin!.end('go\n')
    const stats = await Promise.all(
      children.map(async (child) => JSON.parse(await child.line()) as FileStoreStats),
    )
    await Promise.all(children.map((child) => child.ended()))

    const { version, values } = store.load(key)!
    expect(values.get('count')).toBe(String(PROCESSES * TIMES))
    expect(version).toBe(2 * PROCESSES * TIMES)
    for (const name of names) {
      const own = Array.from({ length: 100 }, (_, n) => values.get(`${name}.${n}`))
      expect(own).toEqual(Array.from({ length: 100 }, (_, n) => String(TIMES - 100 + n)))
    }
    // Folds were among it, by more than one process, and some met a seal: otherwise this shows less than it says.
    expect(stats.filter(({ folds }) => folds > 0).length).toBeGreaterThan(1)
    expect(stats.reduce((sum, { waits }) => sum + waits, 0)).toBeGreaterThan(0)
    await store.close()
  })

  test('four create a record under one key again and again as it ends: each time one does, and it is their own', async () => {
    const directory = temporaryDirectory()
    const store = fileStore(directory)
    const key = newKeyOfNoSession()
    const script = new URL('./children/create-again.ts', import.meta.url)
    const children = Array.from({ length: PROCESSES }, (_, n) =>
      startChild(script, directory, key, `p${n}`, String(inWhole(1000, 300))),
    )
    for (const child of children) expect(await child.line()).toBe('ready')
    for (const child of children) child.process.stdin!.end('go\n')
    type Tries = { made: number; kept: number }
    const tries = await Promise.all(children.map(async (child) => JSON.parse(await child.line()) as Tries))
    await Promise.all(children.map((child) => child.ended()))
    // Each had it, and some were kept from it by others: otherwise this shows less than it says.
    expect(Math.min(...tries.map(({ made }) => made))).toBeGreaterThan(0)
    expect(Math.max(...tries.map(({ kept }) => kept))).toBeGreaterThan(0)
    await expect.poll(() => store.exists(key)).toBe(false)
    expect(await store.create(key, newRecord({ last: true }))).toBe(true)
    await store.close()
  })
})
