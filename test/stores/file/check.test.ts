import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { checkDirectory, type DirectoryFinding } from '../../../src/file.ts'
import { encodeLine } from '../../../src/stores/file/journal/line.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { NOBODY, smallDisk, withoutRoot } from './errors/disks.ts'
import { journalPath, openStore } from './file-stores.ts'

const isRoot = process.geteuid?.() === 0

/** Everything that can be seen of a directory from outside, access times included. */
function seen(path: string): string[] {
  const status = lstatSync(path)
  const { mode, uid, nlink, size, atimeMs, mtimeMs, ctimeMs } = status
  // That of a directory tells that it was listed, as this does too.
  const accessed = status.isDirectory() ? '' : atimeMs
  const own = [path, mode, uid, nlink, size, accessed, mtimeMs, ctimeMs].join(' ')
  const names = status.isDirectory() ? readdirSync(path).sort() : []
  return [own, ...names.flatMap((name) => seen(join(path, name)))]
}

/** What a check finds; it may change nothing, and show no key. */
async function check(directory: string): Promise<DirectoryFinding[]> {
  const before = seen(directory)
  const found = await checkDirectory(directory)
  expect(seen(directory)).toEqual(before)
  for (const { path, meaning, advice } of found) {
    const text = `${path} ${meaning} ${advice}`
    expect(text).not.toMatch(/[0-9a-f]{40}/)
    expect(text).not.toMatch(/\p{Cc}/u)
    expect(meaning).toMatch(/\S.*\.$/)
    expect(advice).toMatch(/\S.*\.$/)
  }
  return found
}

const short = (found: DirectoryFinding[]) =>
  found.map(({ code, severity, path }) => `${severity}: ${code}: ${path}`)

/** A store with sessions that somebody is about to do something to. */
async function stored(count = 1) {
  const store = openStore()
  const keys = Array.from({ length: count }, () => newKey())
  for (const key of keys) {
    await store.create(key, newRecord({ user: 'Ada' }))
    await store.save(key, { set: texts({ cart: [1] }) })
  }
  const [key] = keys as [SessionKey]
  return { directory: store.directory, key, path: journalPath(store, key), shard: key.slice(0, 2) }
}

const LONG_AGO = new Date(Date.now() - 61_000)
const label = (key: SessionKey) => `${key.slice(0, 2)}/${key.slice(2, 8)}...`

describe('nothing is found', () => {
  test('in a directory that is in use, whatever its sessions went through', async () => {
    const store = openStore()
    for (let n = 0; n < 20; n++) {
      const key = newKey()
      await store.create(key, newRecord())
      for (let m = 0; m < 60; m++) await store.save(key, { set: texts({ m, text: 'x'.repeat(1500) }) })
      if (n % 3 === 0) await store.delete(key)
    }
    expect(store.stats.folds).toBeGreaterThan(0)
    expect(await check(store.directory)).toEqual([])
    expect(await checkDirectory(pathToFileURL(store.directory))).toEqual([])
  })

  test('while sessions come and go beside it', async () => {
    const store = openStore()
    let isOver = false
    const checking = (async () => {
      const all: DirectoryFinding[] = []
      do all.push(...(await checkDirectory(store.directory)))
      while (!isOver)
      return all
    })()
    for (let round = 0; round < 40; round++) {
      const keys = Array.from({ length: 5 }, newKey)
      for (const key of keys) await store.create(key, newRecord())
      for (const key of keys) await store.save(key, { set: texts({ a: 1 }) })
      await new Promise((resolve) => setImmediate(resolve))
      for (const key of keys) await store.delete(key)
    }
    isOver = true
    expect(await checking).toEqual([])
  })

  test('but that there is no directory, and what to look at then', async () => {
    const path = join(temporaryDirectory(), 'nowhere')
    const [found] = await checkDirectory(path)
    expect(found).toMatchObject({ code: 'missing', severity: 'note', path: '.', count: 1 })
    expect(found!.meaning).toContain(path)
    expect(found!.advice).toContain('its volume mounted')
    expect(short(await check(temporaryDirectory()))).toEqual(['note: no-manifest: untorn.json'])
  })
})

describe("what is wrong with a session's file", () => {
  test('a damaged line: how many, and the session goes on', async () => {
    const { directory, key, path } = await stored()
    const bytes = readFileSync(path)
    bytes[bytes.length - 5]! ^= 1
    writeFileSync(path, bytes)
    appendFileSync(path, encodeLine({ kind: 'change', id: 'x.1', at: 1, set: ['a', '1'] }))
    const [found, ...more] = await check(directory)
    expect(more).toEqual([])
    expect(found).toMatchObject({ code: 'damaged-journal', severity: 'warning', path: label(key) })
    expect(found!.meaning).toMatch(/^A line of/)
  })

  test('a first line that is damaged: no session', async () => {
    const { directory, key, path } = await stored()
    const bytes = readFileSync(path)
    bytes[20]! ^= 1
    writeFileSync(path, bytes)
    expect(short(await check(directory))).toEqual([`warning: no-session: ${label(key)}`])
  })

  test('a file that was renamed: it does not take over the session', async () => {
    const { directory, path, shard } = await stored()
    renameSync(path, join(directory, shard, 'c'.repeat(62)))
    const [found, ...more] = await check(directory)
    expect(more).toEqual([])
    expect(found).toMatchObject({ code: 'renamed', severity: 'error', path: `${shard}/cccccc...` })
  })

  test.each([
    ['a symlink', (path: string) => symlinkSync('/etc/passwd', path)],
    ['a directory', (path: string) => mkdirSync(path)],
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
    ['a file that has a second name', (path: string) => linkSync(twin(path), path)],
    ['a file of a terabyte', (path: string) => sparse(path)],
  ])('%s in its place', async (_, plant) => {
    const { directory, key, path } = await stored()
    rmSync(path)
    plant(path)
    const found = (await check(directory)).filter(({ code }) => code !== 'foreign')
    expect(short(found)).toEqual([`error: not-a-journal: ${label(key)}`])
    expect(found[0]!.advice).toContain('move it away')
  })

  function twin(path: string): string {
    writeFileSync(`${path}.twin`, '', { mode: 0o600 })
    return `${path}.twin`
  }

  function sparse(path: string): void {
    writeFileSync(path, '', { mode: 0o600 })
    truncateSync(path, 2 ** 40)
  }
})

describe('what does not belong there', () => {
  test('files and directories of others, with names that are none to show', async () => {
    const { directory, key, path, shard } = await stored()
    writeFileSync(`${path}.bak`, '')
    writeFileSync(join(directory, '\u001b[2Jthesis\n'), '')
    mkdirSync(join(directory, 'ABC'))
    const found = await check(directory)
    expect(short(found)).toHaveLength(2)
    expect(short(found)).toContain(`warning: foreign: ${shard}/${key.slice(2, 8)}....bak`)
    expect(short(found)).toContainEqual(expect.stringMatching(/^warning: foreign: (ABC|\?\[2Jthesis\?)$/))
    expect(found.find(({ path }) => !path.includes('/'))!.count).toBe(2)
  })

  test('a directory that is none of sessions at all', async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'package.json'), '{}')
    const found = await check(directory)
    expect(short(found)).toEqual(['error: no-manifest: untorn.json', 'warning: foreign: package.json'])
    expect(found[0]!.meaning).toContain('a start refuses the directory')
    const [system] = await withoutRoot(() => checkDirectory('/etc'))
    if (isRoot) expect(system!.advice).not.toContain('chown')
  })

  test('thousands of a kind are one finding', async () => {
    const { directory, shard } = await stored()
    for (let n = 0; n < 300; n++) writeFileSync(join(directory, shard, `f${n}`), '')
    expect(await check(directory)).toEqual([expect.objectContaining({ code: 'foreign', count: 300 })])
  })

  test('a manifest that is none, of another format, or missing beside sessions', async () => {
    for (const [text, expected] of [
      ['{"format":2}', 'error: other-format: untorn.json'],
      ['nonsense', 'error: not-a-manifest: untorn.json'],
      [undefined, 'warning: no-manifest: untorn.json'],
    ] as const) {
      const { directory } = await stored()
      const manifest = join(directory, 'untorn.json')
      if (text === undefined) rmSync(manifest)
      else writeFileSync(manifest, text)
      expect(short(await check(directory))).toEqual([expected])
    }
  })

  test('what the dead have left, once it is a minute old', async () => {
    const { directory, path, shard } = await stored()
    const draft = join(directory, 'untorn.json.0123456789abcdef')
    const successor = join(directory, shard, `new-${'ab'.repeat(12)}`)
    const unborn = join(directory, shard, 'c'.repeat(62))
    for (const each of [draft, successor, unborn]) writeFileSync(each, '', { mode: 0o600 })
    appendFileSync(path, encodeLine({ kind: 'end', id: 'x.1' }))
    expect(await check(directory)).toEqual([])
    for (const each of [draft, successor, unborn, path]) utimesSync(each, LONG_AGO, LONG_AGO)
    const found = await check(directory)
    expect(found.map(({ code, severity, count }) => [code, severity, count])).toEqual(
      expect.arrayContaining([
        ['leftover', 'note', 1],
        ['leftover', 'note', 3],
      ]),
    )
    expect(found).toHaveLength(2)
    const store = openStore({ directory })
    await store.clearExpired()
    expect(await check(directory)).toEqual([])
  })
})

describe('rights', () => {
  test('a directory, a shard and a file that others may write to, or read', async () => {
    const { directory, key, path, shard } = await stored()
    chmodSync(path, 0o644)
    expect(await check(directory)).toEqual([]) // nobody else can come to it
    chmodSync(directory, 0o755)
    chmodSync(join(directory, shard), 0o777)
    expect(short(await check(directory))).toEqual([
      `error: writable-by-others: ${shard}`,
      `warning: readable-by-others: ${label(key)}`,
    ])
    chmodSync(path, 0o666)
    chmodSync(directory, 0o777)
    const found = await check(directory)
    expect(short(found).sort()).toEqual(
      ['.', shard, label(key)].map((where) => `error: writable-by-others: ${where}`).sort(),
    )
    for (const { advice } of found) expect(advice).toContain(`"${directory}"`)
  })

  test('something else in the place of the directory or of a shard', async () => {
    const { directory, path, shard } = await stored()
    expect(short(await checkDirectory(path))).toEqual(['error: not-a-directory: .'])
    rmSync(join(directory, shard), { recursive: true })
    symlinkSync(temporaryDirectory(), join(directory, shard))
    expect(short(await check(directory))).toEqual([`error: not-a-directory: ${shard}`])
  })

  test.skipIf(!isRoot)('files of another user, as a restored backup has them (needs root)', async () => {
    const { directory, key, path, shard } = await stored()
    chownSync(path, NOBODY, NOBODY)
    chownSync(join(directory, 'untorn.json'), NOBODY, NOBODY)
    const found = await check(directory)
    expect(short(found).sort()).toEqual(
      [`error: wrong-owner: ${label(key)}`, 'error: wrong-owner: untorn.json'].sort(),
    )
    for (const { advice } of found) expect(advice).toContain(`chown -R 0 "${directory}"`)
    chownSync(join(directory, shard), NOBODY, NOBODY)
    expect(short(await check(directory))).toContain(`error: wrong-owner: ${shard}`)
  })

  test.skipIf(!isRoot)(
    'what this user may not look at, a directory above that others own (needs root)',
    async () => {
      const { directory, shard } = await stored()
      chmodSync(directory, 0o711)
      const hidden = await withoutRoot(() => checkDirectory(directory))
      expect(short(hidden)).toEqual(['error: wrong-owner: .', 'error: unreadable: .'])

      const above = temporaryDirectory()
      chmodSync(above, 0o777)
      execFileSync('cp', ['-a', directory, join(above, 'sessions')])
      chmodSync(join(above, 'sessions'), 0o700)
      const found = await check(join(above, 'sessions'))
      expect(short(found)).toEqual([`warning: unsafe-ancestor: ${above}`])
      expect(found[0]!.advice).toContain(`chmod +t "${above}"`)
      expect(shard).toHaveLength(2)
    },
  )
})

test("a file system that can't keep what is promised is found", async ({ skip }) => {
  const disk = smallDisk({ skip }, 256)
  expect(short(await check(disk))).toEqual(['note: no-manifest: untorn.json'])
  const [found] = await checkDirectory(disk, { durability: 'disk' })
  expect(found).toMatchObject({ code: 'file-system', severity: 'warning', path: '.' })
  expect(found!.meaning).toContain('tmpfs, which is memory')
  expect(found!.advice).toContain('Use a directory on a disk')
})

test('what can be no directory is a mistake of the caller, and no finding', async () => {
  await expect(checkDirectory('')).rejects.toMatchObject({ code: 'UNTORN_STORE_CONFIG' })
  await expect(checkDirectory(new URL('http://host/'))).rejects.toMatchObject({ code: 'UNTORN_STORE_CONFIG' })
  const options = { durability: 'forever' } as object
  await expect(checkDirectory('/tmp', options)).rejects.toMatchObject({ option: 'durability' })
})
