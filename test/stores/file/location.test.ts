import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { StoreConfigError } from '../../../src/errors.ts'
import { fileStore } from '../../../src/file.ts'
import { defaultStore } from '../../../src/stores/file/default-store.ts'
import type { FileStoreEvent } from '../../../src/stores/file/events.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord } from '../../support/records.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

function refusal(directory: unknown): StoreConfigError {
  try {
    fileStore(directory as string)
  } catch (error) {
    expect(error).toBeInstanceOf(StoreConfigError)
    return error as StoreConfigError
  }
  throw new Error('It was not refused.')
}

/** Runs in a working directory of its own. */
function workingIn<T>(directory: string, act: () => T): T {
  const before = process.cwd()
  process.chdir(directory)
  try {
    return act()
  } finally {
    process.chdir(before)
  }
}

describe('a URL', () => {
  test('of the scheme file: is a directory, with all that is escaped in it', async () => {
    const directory = join(realpathSync(temporaryDirectory()), 'with space & ü')
    const url = pathToFileURL(directory)
    const ofAnotherRealm = { href: url.href, protocol: 'file:' }
    for (const given of [url, ofAnotherRealm as URL]) {
      const store = fileStore(given, { sweepEvery: 0 })
      expect(store.directory).toBe(directory)
      expect(store.create(newKey(), newRecord())).toBe(true)
      await store.close()
    }
  })

  test('of another scheme, or of another machine, is refused without being quoted', () => {
    for (const url of ['https://user:secret@host/x', 'redis://:secret@host', 'data:,secret']) {
      const { message } = refusal(new URL(url))
      expect(message).toMatch(
        /must be a path, or a file: URL\. A URL of another scheme than file: names no directory/,
      )
      expect(message).not.toContain('secret')
    }
    const elsewhere = refusal(new URL('file://host/secret'))
    expect(elsewhere.message).toContain('names none on this machine')
    expect(elsewhere.cause).toMatchObject({ code: 'ERR_INVALID_FILE_URL_HOST' })
    expect(refusal(new URL('file:///a%2Fb')).message).toContain('names none on this machine')
    expect(refusal(new URL('file:///a%00b')).message).toContain('must be a path')
  })

  test('as a text is not taken for the name of a directory', () => {
    const cwd = temporaryDirectory()
    workingIn(cwd, () => {
      expect(refusal('file:///var/sessions').message).toContain('fileStore(new URL(...))')
      const { message } = refusal('redis://:secret@host')
      expect(message).toContain('redisStore of untorn/redis')
      expect(message).not.toContain('secret')
    })
    expect(readdirSync(cwd)).toEqual([])
  })
})

test('what is neither a path nor a URL is refused, and options in its place are told where they belong', () => {
  expect(refusal({ durability: 'disk' }).message).toContain('fileStore(directory, options)')
  expect(refusal(runInNewContext('({ directory: "x" })')).message).toContain('fileStore(directory, options)')
  for (const given of [null, 5, true, Symbol('x'), '', 'a\0b']) {
    expect(refusal(given).message).toMatch(
      /must be a path, or a file: URL\. Leave it out for "\.\/\.sessions"/,
    )
  }
})

describe('a relative path', () => {
  function told(given: string, cwd: string): FileStoreEvent[] {
    const events: FileStoreEvent[] = []
    workingIn(cwd, () => {
      const store = fileStore(given, { sweepEvery: 0, onEvent: (event) => void events.push(event) })
      onTestFinished(async () => await store.close())
    })
    return events
  }

  test('that makes a new directory is told with the whole path, once for each directory', () => {
    const [one, another] = [realpathSync(temporaryDirectory()), realpathSync(temporaryDirectory())]
    const made = { type: 'new-directory', directory: join(one, 'data', 'sessions'), given: 'data/sessions' }
    expect(told('data/sessions', one)).toEqual([made])
    expect(told('data/sessions', one)).toEqual([])
    expect(told('data/sessions', another)).toEqual([
      { ...made, directory: join(another, 'data', 'sessions') },
    ])
    expect(told(join(another, 'absolute'), one)).toEqual([])
  })

  test.each([
    ['', 1],
    ['production', 1],
    ['test', 0],
  ])('nobody listens, NODE_ENV is "%s": %i warnings', (environment, count) => {
    vi.stubEnv('NODE_ENV', environment)
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const cwd = realpathSync(temporaryDirectory())
    workingIn(cwd, () => {
      for (const _ of ['first', 'again']) {
        const store = defaultStore()
        onTestFinished(async () => await store.close())
      }
    })
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual(
      Array(count).fill(
        expect.stringMatching(
          /which is new: "\.\/\.sessions" is relative to the working directory.*absolute path/,
        ),
      ),
    )
    if (count > 0) expect(warn.mock.calls[0]![0]).toContain(join(cwd, '.sessions'))
  })

  test('made in a project, it hides itself from git; made elsewhere, it has no such file', async () => {
    const cwd = temporaryDirectory()
    told('.sessions', cwd)
    expect(readFileSync(join(cwd, '.sessions', '.gitignore'), 'utf8')).toBe('*\n')
    expect(readdirSync(join(cwd, '.sessions')).sort()).toEqual(['.gitignore', 'untorn.json'])
    await fileStore(join(cwd, 'absolute'), { sweepEvery: 0 }).close()
    expect(readdirSync(join(cwd, 'absolute'))).toEqual(['untorn.json'])
  })
})
