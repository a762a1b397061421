import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError, StoreConfigError } from '../../../src/errors.ts'
import { fileStore } from '../../../src/file.ts'
import { fileSystemOf } from '../../../src/stores/file/file-systems.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

const refusal = (directory: string): StoreConfigError => {
  try {
    fileStore(directory)
  } catch (error) {
    expect(error).toBeInstanceOf(StoreConfigError)
    return error as StoreConfigError
  }
  throw new Error('The directory was not refused.')
}

describe('the directory', () => {
  test('is made with its parents, for this user only, with a manifest that names the format', async () => {
    const directory = join(temporaryDirectory(), 'var', 'sessions')
    const store = openStore({ directory })
    const key = newKey()
    await store.create(key, newRecord())
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(directory, key.slice(0, 2))).mode & 0o777).toBe(0o700)
    expect(statSync(journalPath(store, key)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(join(directory, 'untorn.json'), 'utf8'))).toMatchObject({ format: 1 })
  })

  test('holds one file per session and the manifest, and nothing else, however much was saved', async () => {
    const store = openStore()
    const key = newKey()
    await store.create(key, newRecord())
    for (let n = 0; n < 500; n++)
      await store.save(key, { set: new Map([['text', JSON.stringify('x'.repeat(200))]]) })
    expect(store.stats.folds).toBeGreaterThan(0)
    expect(readdirSync(store.directory).sort()).toEqual([key.slice(0, 2), 'untorn.json'].sort())
    expect(readdirSync(join(store.directory, key.slice(0, 2)))).toEqual([key.slice(2)])
  })

  test('is used again by a later store, sessions and all', async () => {
    const directory = temporaryDirectory()
    const key = newKey()
    const first = openStore({ directory })
    await first.create(key, newRecord({ user: 'Ada' }))
    await first.close()
    expect(openStore({ directory }).load(key)?.values.get('user')).toBe('"Ada"')
  })

  test('may hold what is there for version control', () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, '.gitignore'), '*\n')
    expect(openStore({ directory }).directory).toBe(directory)
  })
})

describe('a directory that can not be used is refused at start, by name and with what to do', () => {
  test('not empty and not ours', () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'thesis.txt'), 'text')
    const error = refusal(directory)
    expect(error.code).toBe('UNTORN_STORE_CONFIG')
    expect(error.message).toContain(directory)
    expect(error.message).toContain('thesis.txt')
    expect(readdirSync(directory)).toEqual(['thesis.txt'])
  })

  test('of a later format', () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'untorn.json'), '{"format":2}')
    expect(refusal(directory).message).toContain('format 2')
  })

  test('with a manifest that is none', () => {
    for (const text of ['', 'null', '[]', '{}', 'not json', '{"format":"1"}']) {
      const directory = temporaryDirectory()
      writeFileSync(join(directory, 'untorn.json'), text)
      expect(refusal(directory).message).toContain('not a manifest')
    }
  })

  test('with a manifest that is no file: a symlink, a directory, a FIFO', () => {
    const elsewhere = openStore().directory
    for (const plant of [['ln', '-s', join(elsewhere, 'untorn.json')], ['mkdir'], ['mkfifo']]) {
      const directory = temporaryDirectory()
      const [command, ...args] = plant as [string, ...string[]]
      execFileSync(command, [...args, join(directory, 'untorn.json')])
      expect(refusal(directory).message).toContain('not a regular file. Move it away')
    }
  })

  test('a file', () => {
    const path = join(temporaryDirectory(), 'file')
    writeFileSync(path, '')
    expect(refusal(path).message).toContain(path)
    expect(refusal(join(path, 'below')).message).toContain(path)
  })

  test('writable for others', () => {
    const directory = temporaryDirectory()
    chmodSync(directory, 0o770)
    expect(refusal(directory).message).toContain('chmod -R go-w')
  })

  test.skipIf(process.geteuid?.() !== 0)('of another user (needs root to set up)', () => {
    const directory = temporaryDirectory()
    chownSync(directory, 12345, 12345)
    expect(refusal(directory).message).toContain('belongs to user 12345')
  })

  test('relative to a working directory that is gone', () => {
    const before = process.cwd()
    const gone = temporaryDirectory()
    process.chdir(gone)
    try {
      rmSync(gone, { recursive: true })
      expect(refusal('sessions').message).toContain('"sessions"')
    } finally {
      process.chdir(before)
    }
  })

  test('not a path', () => {
    expect(refusal('').message).toContain('must be a path')
    expect(refusal('a\0b').message).toContain('must be a path')
  })

  test('that can not be created: the cause is kept', () => {
    const error = refusal('/proc/sessions')
    expect(error.message).toContain('/proc/sessions')
    expect(error.cause).toMatchObject({ code: expect.stringMatching(/^E/) })
  })

  test('on a network file system', () => {
    // No such mount can be relied on here: the table is what decides.
    expect(fileSystemOf(0x6969, 'linux')).toEqual({ name: 'NFS', support: 'refused' })
    expect(fileSystemOf(0xff534d42 | 0, 'linux')).toEqual({ name: 'CIFS', support: 'refused' })
    expect(fileSystemOf(0x65735546, 'linux')?.support).toBe('doubtful')
    expect(fileSystemOf(0xef53, 'linux')).toBeUndefined()
  })

  test('invalid options are named', () => {
    const directory = temporaryDirectory()
    const option = (options: object): string => {
      try {
        fileStore(directory, options)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidOptionError)
        return (error as InvalidOptionError).option
      }
      return 'taken'
    }
    expect(option({ durability: 'forever' })).toBe('durability')
    expect(option({ maxOpen: 0 })).toBe('maxOpen')
    expect(option({ sweepEvery: -1 })).toBe('sweepEvery')
    expect(option({ busyTimeout: '5 fortnights' })).toBe('busyTimeout')
    expect(option({ maxCacheBytes: 1.5 })).toBe('maxCacheBytes')
    expect(option({ onEvent: 'log' })).toBe('onEvent')
    expect(option({ durabillity: 'disk' })).toBe('durabillity')
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('what somebody plants in the directory', () => {
  test('a symlink in the place of a session leads nowhere', async () => {
    const store = openStore()
    const [victim, planted] = [newKey(), newKey()]
    await store.create(victim, newRecord({ user: 'Ada' }))
    mkdirSync(join(store.directory, planted.slice(0, 2)), { recursive: true, mode: 0o700 })
    symlinkSync(journalPath(store, victim), journalPath(store, planted))
    const before = readFileSync(journalPath(store, victim))
    expect(() => store.load(planted)).toThrow(/not a journal/)
    expect(() => store.save(planted, { set: new Map([['user', '"Eve"']]) })).toThrow(/not a journal/)
    expect(() => store.delete(planted)).toThrow(/not a journal/)
    expect(await store.create(planted, newRecord())).toBe(false)
    expect(readFileSync(journalPath(store, victim))).toEqual(before)
  })

  test('a hard link to a session changes nothing', async () => {
    const store = openStore()
    const [victim, planted] = [newKey(), newKey()]
    await store.create(victim, newRecord({ user: 'Ada' }))
    mkdirSync(join(store.directory, planted.slice(0, 2)), { recursive: true, mode: 0o700 })
    execFileSync('ln', [journalPath(store, victim), journalPath(store, planted)])
    const before = readFileSync(journalPath(store, victim))
    expect(() => store.save(planted, { set: new Map([['user', '"Eve"']]) })).toThrow(/not a journal/)
    expect(readFileSync(journalPath(store, victim))).toEqual(before)
  })

  test('a FIFO or a directory is refused without hanging', async () => {
    for (const plant of ['mkfifo', 'mkdir']) {
      const store = openStore()
      const key = newKey()
      mkdirSync(join(store.directory, key.slice(0, 2)), { recursive: true, mode: 0o700 })
      execFileSync(plant, [journalPath(store, key)])
      expect(() => store.load(key)).toThrow(/not a journal/)
      expect((await store.clearExpired()).removed).toBe(0)
    }
  })

  test('a shard that is a symlink, or that others may write, is refused', async () => {
    const elsewhere = temporaryDirectory()
    const store = openStore()
    const key = newKey()
    symlinkSync(elsewhere, join(store.directory, key.slice(0, 2)))
    expect(() => store.load(key)).toThrow(StoreConfigError)
    expect(() => store.create(key, newRecord())).toThrow(StoreConfigError)
    expect(readdirSync(elsewhere)).toEqual([])

    const open = newKey()
    mkdirSync(join(store.directory, open.slice(0, 2)), { recursive: true })
    chmodSync(join(store.directory, open.slice(0, 2)), 0o777)
    expect(() => store.load(open)).toThrow(/chmod -R go-w/)
  })

  test('an error about a session names neither its id nor its whole key', async () => {
    const store = openStore()
    const key = newKey()
    mkdirSync(join(store.directory, key.slice(0, 2)), { recursive: true, mode: 0o700 })
    execFileSync('mkdir', [journalPath(store, key)])
    expect(() => store.load(key)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(key.slice(8)) }),
    )
  })
})
