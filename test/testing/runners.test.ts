import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { InvalidOptionError } from '../../src/errors.ts'
import { memoryStore } from '../../src/memory.ts'
import { storeConformance } from '../../src/testing/conformance.ts'
import { minimalStore } from '../../src/testing/minimal-store.ts'

const reopen = 'nobody else sees the memory of this process'

test('node:test runs the suite as the documentation shows, and each skip gives its reason', () => {
  const program = fileURLToPath(new URL('with-node-test.mjs', import.meta.url))
  // A runner that is started by another one of its kind reports to it instead.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', program], {
    encoding: 'utf8',
    env,
  })
  const cases = storeConformance({ open: memoryStore, without: { reopen } })
  const skipped = cases.filter(({ skip }) => skip !== undefined).length
  expect(stdout.match(/# SKIP .*/g)).toHaveLength(skipped)
  expect(stdout).toContain(`# SKIP without reopen: ${reopen}`)
  expect(stdout).toMatch(new RegExp(`^# pass ${cases.length - skipped}$`, 'm'))
  expect(status).toBe(0)
})

describe('the list of cases', () => {
  const cases = storeConformance({ open: minimalStore, reopen: () => minimalStore() })

  test('names no two cases alike', () => {
    const titles = cases.map(({ title }) => title)
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
  })

  test('begins with the cases that show that the factory isolates', () => {
    expect(cases[0]?.title).toMatch(/^opened: /)
  })

  test('skips nothing where nothing is lacking', () => {
    expect(cases.filter(({ skip }) => skip !== undefined)).toEqual([])
  })

  test('is made without opening a store', () => {
    const open = () => expect.unreachable()
    expect(storeConformance({ open, reopen: open }).length).toBe(cases.length)
  })

  test('has functions that take no argument, which a runner would take for a callback', () => {
    for (const { run } of cases) expect(run).toHaveLength(0)
  })
})

describe('what a store is said to lack', () => {
  const skipped = (without: Parameters<typeof storeConformance>[0]['without']) =>
    storeConformance({
      open: minimalStore,
      reopen: () => minimalStore(),
      ...(without && { without }),
    }).flatMap(({ title, skip }) => (skip === undefined ? [] : [{ title, skip }]))

  test('skips the cases that need it, with the reason', () => {
    for (const name of ['byOwner', 'sweep', 'reopen'] as const) {
      const cases = skipped({ [name]: 'there is no such thing' })
      expect(cases.length).toBeGreaterThan(3)
      expect(new Set(cases.map(({ skip }) => skip))).toEqual(
        new Set([`without ${name}: there is no such thing`]),
      )
    }
  })

  test('skips no case about one store object for want of a second', () => {
    for (const { title } of skipped({ reopen: 'there is no other' }))
      expect(title).toMatch(/two store objects|second store object/)
  })

  test('a store without byOwner, said to have none, fails nothing', async () => {
    const open = (): SessionStore => {
      const { byOwner: _, ...store } = minimalStore()
      return store
    }
    const cases = storeConformance({ open, without: { byOwner: 'no index', reopen } })
    await Promise.all(cases.filter(({ skip }) => skip === undefined).map(({ run }) => run()))
  })

  test('a store that drops expired sessions by itself, said to leave none to a sweep, fails nothing', async () => {
    const open = (): SessionStore => {
      const store = minimalStore()
      const clearExpired: SessionStore['clearExpired'] = async (options) => {
        await store.clearExpired()
        return store.clearExpired(options)
      }
      return { ...store, clearExpired }
    }
    const cases = storeConformance({ open, without: { sweep: 'the server drops them', reopen } })
    const failed = await Promise.allSettled(cases.filter(({ skip }) => !skip).map(({ run }) => run()))
    expect(failed.filter(({ status }) => status === 'rejected')).toEqual([])
  })
})

describe('every store that a case opens is closed', () => {
  test('when the case holds, and when it does not', async () => {
    let open = 0
    const counted = (): SessionStore => {
      let closed = false
      open++
      const close = () => {
        if (!closed) open--
        closed = true
      }
      return { ...minimalStore(), exists: () => true, close }
    }
    const cases = storeConformance({ open: counted, reopen: counted })
    const results = await Promise.allSettled(cases.map(({ run }) => run()))
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']))
    expect(open).toBe(0)
  })

  test('a close that fails fails the case', async () => {
    const open = (): SessionStore => ({
      ...minimalStore(),
      close: () => Promise.reject(new Error('can not close')),
    })
    const [first] = storeConformance({ open })
    await expect(first?.run()).rejects.toThrow('can not close')
  })

  test('a close that fails does not hide why the case failed', async () => {
    const open = (): SessionStore => ({
      ...minimalStore(),
      records: () => {
        throw new Error('can not list')
      },
      close: () => Promise.reject(new Error('can not close')),
    })
    const [first] = storeConformance({ open })
    await expect(first?.run()).rejects.toThrow('can not list')
  })
})

test('an `open` or a `reopen` that is no function is an invalid option', () => {
  const noFunction = 'memory' as unknown as () => SessionStore
  expect(() => storeConformance({ open: noFunction })).toThrow(InvalidOptionError)
  expect(() => storeConformance({ open: minimalStore, reopen: noFunction })).toThrow(InvalidOptionError)
})
