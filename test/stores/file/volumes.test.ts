import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { StoreConfigError } from '../../../src/errors.ts'
import { checkDirectory, fileStore } from '../../../src/file.ts'
import type { FileStoreEvent } from '../../../src/stores/file/events.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { NOBODY, withoutRoot } from './errors/disks.ts'

const isRoot = process.geteuid?.() === 0

/** The user of the tests, or another one, and a group of theirs. */
const [USER, GROUP] = [NOBODY, 2000]

/** A volume as it is mounted into a container. */
function volume(mode: number, owner = 0, group = 0): string {
  const directory = temporaryDirectory()
  chownSync(directory, owner, group)
  chmodSync(directory, mode)
  return directory
}

/** As a user of that group, who has no more rights than anybody. */
function asMember<T>(act: () => T): T {
  const before = process.getgroups!()
  process.setgroups!([GROUP])
  try {
    return withoutRoot(act)
  } finally {
    process.setgroups!(before)
  }
}

function refusal(directory: string): string {
  try {
    void fileStore(directory, { sweepEvery: 0 }).close()
  } catch (error) {
    expect(error).toBeInstanceOf(StoreConfigError)
    return (error as Error).message
  }
  throw new Error(`${directory} was not refused.`)
}

/** Opens a store and makes a session in each shard that the test asks for. @returns what the start told of */
function use(directory: string, keys: readonly SessionKey[] = [newKey()]): FileStoreEvent[] {
  const told: FileStoreEvent[] = []
  const store = fileStore(directory, { sweepEvery: 0, onEvent: (event) => void told.push(event) })
  onTestFinished(async () => await store.close())
  for (const key of keys) expect(store.create(key, newRecord())).toBe(true)
  return told
}

/** The directory that a message says to use in the place of one. */
function advised(message: string): string {
  const [, path] = /Use a directory below it, .*: "(.+)"\.$/.exec(message) ?? []
  return path ?? `no directory is advised: ${message}`
}

describe.skipIf(!isRoot)(
  'a volume is refused at start, and what the message advises works (needs root)',
  () => {
    test.each([
      ['emptyDir: root:root, 0777', 0o777, 0],
      ['emptyDir with fsGroup: root:2000, 2777', 0o2777, GROUP],
      ['a persistent volume with fsGroup: root:2000, 2775', 0o2775, GROUP],
      ['/tmp: root:root, 1777', 0o1777, 0],
    ])('%s', (_, mode, group) => {
      const directory = volume(mode, 0, group)
      const message = asMember(() => refusal(directory))
      expect(message).toContain(`belongs to user 0, and this process runs as ${USER}`)
      expect(message).not.toContain('chmod')
      expect(message).not.toContain('chown')
      const below = advised(message)
      expect(below).toBe(join(directory, 'sessions'))
      const key = newKey()
      asMember(() => use(below, [key]))
      for (const made of [below, join(below, key.slice(0, 2))])
        expect(statSync(made).mode & 0o777).toBe(0o700)
      asMember(() => use(below))
    })

    test('the same where the process is root: emptyDir, and /tmp', () => {
      const empty = refusal(volume(0o777))
      expect(empty).toMatch(
        /chmod -R go-w ".*"\. Where others need it, as on a volume: Use a directory below it/,
      )
      use(advised(empty))
      const shared = refusal(volume(0o1777))
      expect(shared).not.toContain('chmod')
      use(advised(shared))
    })

    test('a pod that starts again: Kubernetes has given all of it to the group, and what it says mends it', () => {
      const below = join(volume(0o2775, 0, GROUP), 'sessions')
      const keys = [newKey(), newKey()]
      asMember(() => use(below, keys))
      for (const path of [below, ...keys.map((key) => join(below, key.slice(0, 2)))]) chmodSync(path, 0o2770)
      const message = asMember(() => refusal(below))
      expect(message).toContain('fsGroupChangePolicy is OnRootMismatch: set that')
      expect(message).toContain(`chmod -R go-w "${below}"`)
      chmodSync(below, 0o2750)
      // Not shard by shard, at requests: the next start finds it too.
      expect(asMember(() => refusal(below))).toContain(`chmod -R go-w "${below}"`)
      for (const key of keys) chmodSync(join(below, key.slice(0, 2)), 0o2750)
      asMember(() => use(below))
    })

    test.each([
      ['all of it', ['', 'untorn.json', 'shard']],
      ['a shard', ['shard']],
      ['the manifest', ['untorn.json']],
    ])('a backup that another user has restored, %s: chown -R', (_, restored) => {
      const directory = volume(0o700, USER, USER)
      const key = newKey()
      withoutRoot(() => use(directory, [key]))
      for (const name of restored) chownSync(join(directory, name.replace('shard', key.slice(0, 2))), 0, 0)
      const message = withoutRoot(() => refusal(directory))
      expect(message).toContain('belongs to user 0')
      expect(message).toContain(`chown -R ${USER} "${directory}"`)
    })

    test('a directory of the system is nobody to give away: a directory below it', () => {
      expect(refusal('/')).toMatch(/is not empty .*such as "\/sessions"/)
      for (const path of ['/tmp', '/', '/var/lib']) {
        expect(withoutRoot(() => refusal(path))).not.toMatch(/chmod|chown/)
      }
      expect(withoutRoot(() => refusal('/var/lib'))).toContain('or a new one where this user may make it')
      expect(advised(withoutRoot(() => refusal('/tmp')))).toBe('/tmp/sessions')
    })
  },
)

describe.skipIf(!isRoot)('a directory above that others may replace things in (needs root)', () => {
  const unsafe = (told: FileStoreEvent[]): string[] =>
    told.flatMap((event) => (event.type === 'unsafe-ancestor' ? [event.message] : []))

  test('0777 without the sticky bit: one warning that names it, and it works', () => {
    const directory = join(volume(0o777), 'app', 'sessions')
    const [message, ...more] = unsafe(use(directory))
    expect(more).toEqual([])
    const above = join(directory, '..', '..')
    expect(message).toContain(`everybody, as all may write to "${above}"`)
    expect(message).toContain(`chmod +t "${above}"`)
    chmodSync(above, 0o1777)
    expect(use(directory)).toEqual([])
  })

  test('of a user who is neither this one nor root', () => {
    const above = volume(0o755, 12345)
    const [message, ...more] = unsafe(use(join(above, 'sessions')))
    expect(more).toEqual([])
    expect(message).toContain(`user 12345, to whom "${above}" belongs`)
    expect(message).toContain('directories that belong to root or to this user')
  })

  test.each([
    [
      'in a directory of their own',
      (link: string) => chownSync(join(link, '..'), 12345, 0),
      /to whom ".*" belongs/,
    ],
    [
      'their own, where each may make what is theirs',
      (link: string) => {
        chmodSync(join(link, '..'), 0o1777)
        lchownSync(link, 12345, 0)
      },
      /to whom ".*\/link" belongs/,
    ],
  ])('of a link that leads to it, which another user may replace: %s', async (_, give, belongs) => {
    const link = join(volume(0o755), 'link')
    symlinkSync(volume(0o755), link)
    const directory = join(link, 'sessions')
    expect(use(directory)).toEqual([])
    expect(await checkDirectory(directory)).toEqual([])
    give(link)
    const [message, ...more] = unsafe(use(directory))
    expect(more).toEqual([])
    expect(message).toMatch(belongs)
    expect(await checkDirectory(directory)).toMatchObject([{ code: 'unsafe-ancestor' }])
  })

  test('of a link that another user was given, and can not replace: nothing to say', () => {
    const link = join(volume(0o755), 'link')
    symlinkSync('./../..', link)
    lchownSync(link, 12345, 0)
    expect(use(`${link}/${volume(0o700).slice(1)}`)).toEqual([])
  })

  test('of root, or one that no more than a group may write to: nothing to say', () => {
    expect(use(join(volume(0o755), 'sessions'))).toEqual([])
    expect(use(join(volume(0o2775, 0, GROUP), 'sessions'))).toEqual([])
  })
})

test('a group that may write to the directory: the right is to be taken away, of all that is in it', () => {
  const directory = temporaryDirectory()
  chmodSync(directory, 0o770)
  expect(refusal(directory)).toMatch(/chmod -R go-w "[^"]+"\.$/)
})

test('something that is not empty and no session directory: a directory below it', () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'package.json'), '{}')
  mkdirSync(join(directory, 'src'))
  expect(refusal(directory)).toContain(`such as "${join(directory, 'sessions')}"`)
  expect(readdirSync(directory).sort()).toEqual(['package.json', 'src'])
})
