import { constants } from 'node:os'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { StoreConfigError, StoreUnavailableError } from '../../../../src/errors.ts'
import type { FileStoreEvent } from '../../../../src/stores/file/events.ts'
import { reasonOf, storeUnusable } from '../../../../src/stores/file/system-error.ts'
import { watchedFiles } from '../../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'
import { openStore } from '../file-stores.ts'
import type { Call } from './faults.ts'

/** A system error as Node makes them that it has no name for: with its number, and the whole path. */
function nameless(errno: number, syscall: string, path = '/somewhere'): Error {
  const code = `Unknown system error -${errno}`
  return Object.assign(new Error(`${code}: ${code}, ${syscall} '${path}'`), {
    errno: -errno,
    code,
    syscall,
    path,
  })
}

const { EDQUOT, ESTALE } = constants.errno

describe('an error that the system has a number for, and Node no name', () => {
  const failing = new Map<Call, number>()
  const events: FileStoreEvent[] = []
  const store = () =>
    openStore({
      options: { onEvent: (event) => events.push(event) },
      files: watchedFiles((call, [path]) => {
        const errno = failing.get(call)
        if (errno !== undefined) throw nameless(errno, call, typeof path === 'string' ? path : undefined)
      }),
    })

  test.each([
    ['a used-up quota', EDQUOT, 'the disk quota is used up: free some space or raise it'],
    ['a file system that was taken away', ESTALE, 'see to its mount'],
    ['one that nobody knows', 9999, 'error 9999 of the system'],
  ])('says what to do, by its type and in words: %s', async (_, errno, advice) => {
    const opened = store()
    const key = newKey()
    failing.set('create', errno)
    const error = await (async () => opened.create(key, newRecord()))().catch((thrown: unknown) => thrown)
    failing.clear()
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(error).toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE', cause: { errno: -errno } })
    expect(String(error)).toContain(advice)
    expect(await opened.create(key, newRecord())).toBe(true)
  })

  test('is what a full disk is to a sign-out: it needs no space', async () => {
    const opened = store()
    const key = newKey()
    await opened.create(key, newRecord())
    failing.set('append', EDQUOT)
    expect(() => opened.save(key, { set: texts({ a: 1 }) })).toThrow(/the disk quota is used up/)
    expect(await opened.delete(key)).toBe(true)
    failing.clear()
    expect(opened.exists(key)).toBe(false)
  })

  test('holds no key, nor does its cause, nor an event: all of them are logged', async () => {
    const opened = store()
    const key = newKey()
    failing.set('create', EDQUOT)
    const error = await (async () => opened.create(key, newRecord()))().catch((thrown: unknown) => thrown)
    failing.clear()
    await opened.create(key, newRecord())
    failing.set('unlink', EDQUOT)
    events.length = 0
    await opened.delete(key)
    failing.clear()
    expect(events).toMatchObject([{ type: 'file-left', error: { errno: -EDQUOT } }])
    for (const logged of [error, events]) {
      expect(inspect(logged, { depth: 9 })).toContain(`${key.slice(0, 2)}/${key.slice(2, 8)}...`)
      expect(inspect(logged, { depth: 9 })).not.toContain(key.slice(2))
    }
  })

  test('is found out at start as one about the directory', () => {
    const error = storeUnusable(nameless(EDQUOT, 'write'), 'write to it', '/srv/sessions')
    expect(error).toBeInstanceOf(StoreConfigError)
    expect(error.message).toContain('the disk quota is used up')
    expect(reasonOf(nameless(EDQUOT, 'write'))).toBe('the disk quota is used up: free some space or raise it')
  })
})

test('a mistake in a call is no error of the system', () => {
  const mistake = Object.assign(new TypeError('The "path" argument'), { code: 'ERR_INVALID_ARG_TYPE' })
  expect(reasonOf(mistake)).toBe('TypeError: The "path" argument')
})
