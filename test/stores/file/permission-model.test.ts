import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { systemHolders } from '../../../src/stores/file/holder.ts'
import { encodeLine } from '../../../src/stores/file/journal/line.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const SCRIPT = fileURLToPath(new URL('./children/forbidden.mjs', import.meta.url))

interface Run {
  durability?: 'process' | 'disk'
  directory?: string
  /** What it may read and write. */
  allowed: string
  /** What it may read, too. */
  readable?: readonly string[]
  /** A session that it is to save. */
  sealed?: string
}

/** What a process says of itself whose files Node.js lets it use only where it is told to. */
function run(how: Run) {
  const { durability = 'process', allowed, readable = [], sealed = '' } = how
  const { directory = join(allowed, 'sessions') } = how
  const flags = [
    Number.parseInt(process.versions.node, 10) < 24 ? '--experimental-permission' : '--permission',
    '--disable-warning=ExperimentalWarning',
    ...[REPOSITORY, allowed, ...readable].map((path) => `--allow-fs-read=${join(path, '*')}`),
    `--allow-fs-write=${join(allowed, '*')}`,
  ]
  const args = [...flags, SCRIPT, directory, durability, sealed]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return { ...JSON.parse(stdout), stderr }
}

const allowedDirectory = (): string => realpathSync(temporaryDirectory())

describe("under Node's permission model, with the directory allowed", () => {
  test('sessions are created, loaded, saved, folded, swept and deleted', () => {
    const allowed = allowedDirectory()
    const told = run({ allowed })
    expect(told).toMatchObject({ created: true, loaded: '300', swept: 1, deleted: true })
    expect(told.stderr).not.toContain('Untorn')
    expect(told.folds).toBeGreaterThan(0)
    expect(told.error).toBeUndefined()
    expect(readdirSync(join(allowed, 'sessions')).sort()).toEqual(['ab', 'untorn.json'])
    expect(run({ allowed })).toMatchObject({ created: true, deleted: true })
  })

  test("durability: 'disk' is refused at start, new directory or not: fsync is forbidden, and it says what to do", () => {
    const allowed = allowedDirectory()
    const refused = {
      code: 'UNTORN_STORE_CONFIG',
      cause: 'ERR_ACCESS_DENIED',
      message: expect.stringMatching(
        /forbids fsync.*choose durability: 'process', or run without --permission/,
      ),
    }
    expect(run({ allowed, durability: 'disk' }).error).toEqual(refused)
    expect(readdirSync(join(allowed, 'sessions'))).toEqual([])
    expect(run({ allowed }).error).toBeUndefined()
    expect(run({ allowed, durability: 'disk' }).error).toEqual(refused)
  })

  test('one that leads elsewhere by a symlink is refused by its real path, with what to allow', () => {
    const [allowed, elsewhere] = [allowedDirectory(), allowedDirectory()]
    mkdirSync(join(elsewhere, 'sessions'), { mode: 0o700 })
    symlinkSync(join(elsewhere, 'sessions'), join(allowed, 'sessions'))
    const { error } = run({ allowed })
    expect(error).toMatchObject({ code: 'UNTORN_STORE_CONFIG', cause: 'ERR_ACCESS_DENIED' })
    expect(error.message).toContain(`"${join(elsewhere, 'sessions')}"`)
    expect(error.message).toContain('--allow-fs-read and --allow-fs-write')
  })

  test('a parent may be made where it is allowed, and need not be readable where it is not', () => {
    const allowed = allowedDirectory()
    const deep = run({ allowed, directory: join(allowed, 'a', 'b', 'sessions') })
    expect(deep).toMatchObject({ created: true, deleted: true })
    const outside = run({ allowed, directory: join(allowed, '..', 'untorn-test-nowhere', 'sessions') })
    expect(outside.error).toMatchObject({ code: 'UNTORN_STORE_CONFIG', cause: 'ERR_ACCESS_DENIED' })
  })

  test.skipIf(process.platform !== 'linux')(
    'a session that a killed process was folding is saved to at once where /proc may be read; else it is busy, for 30 s',
    async () => {
      const allowed = allowedDirectory()
      const store = openStore({ directory: join(allowed, 'sessions') })
      const sealed = newKey()
      await store.create(sealed, newRecord())
      const { self } = systemHolders('killed')
      const { pid } = spawnSync('true')
      const holder = { ...self, pid, thread: pid, started: '1' }
      appendFileSync(journalPath(store, sealed), encodeLine({ kind: 'seal', id: 'killed.1', holder }))
      expect(run({ allowed, sealed }).error).toMatchObject({ code: 'UNTORN_STORE_BUSY' })
      expect(run({ allowed, sealed, readable: ['/proc'] })).toMatchObject({ saved: 'saved' })
    },
  )
})
