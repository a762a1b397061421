import { appendFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fileStore } from '../../src/file.ts'
import { encodeLine } from '../../src/stores/file/journal/line.ts'
import { Interrupted } from '../../src/tools/cli/exit.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { applicationWith } from './command.ts'
import { run as runIn } from './in-process.ts'
import { fill } from './sessions.ts'

/** Carries out a command line in an empty directory. */
function run(args: readonly string[], around: Parameters<typeof runIn>[1] = {}): ReturnType<typeof runIn> {
  return runIn(args, { cwd: temporaryDirectory(), ...around })
}

/** A directory with sessions in `./from`. */
async function withSessions(count: number): Promise<string> {
  const cwd = temporaryDirectory()
  const store = fileStore(`${cwd}/from`, { sweepEvery: 0 })
  await fill(store, count)
  await store.close()
  return cwd
}

const FILES = ['--from', 'file:from', '--to', 'file:to', '--no-progress']

describe('wrong usage', () => {
  test.each<[string[], RegExp]>([
    [[], /Usage: untorn/],
    [['destroy'], /unknown command 'destroy'/],
    [['copy', '--to', 'file:x'], /--from <store>' not specified/],
    [['copy', '--from', 'file:x'], /--to <store>' not specified/],
    [['copy', ...FILES, '--fast'], /unknown option '--fast'/],
    [['copy', ...FILES, 'more'], /too many arguments/],
    [['copy', ...FILES, '--concurrency', '0'], /whole number from 1 on/],
    [['copy', ...FILES, '--sample', '1'], /unknown option '--sample'/],
    [['copy', '--from', 'from', '--to', 'file:x'], /--from is none of the forms of a store/],
    [['copy', ...FILES, '--deadline', '5'], /Write 5s, or 5ms/],
    [['copy', ...FILES, '--deadline', '0s'], /A time such as 5s or 300ms/],
    [['copy', ...FILES, '--deadline', 'soon'], /A time such as 5s or 300ms/],
    [['count'], /--store <store>' not specified/],
    [
      ['count', '--store', './sessions'],
      /--store is none of the forms of a store: file:<directory>.* write file: before/,
    ],
    [['count', '--store', 'file:x', '--quiet'], /unknown option '--quiet'/],
    [['count', '--store', 'file:x', 'more'], /too many arguments/],
    [['clear-expired'], /--store <store>' not specified/],
    [['clear-expired', '--store', 'file:x', '--concurrency', '3'], /unknown option '--concurrency'/],
    [
      ['clear-expire', '--store', 'file:x'],
      /unknown command 'clear-expire'\n\(Did you mean clear-expired\?\)/,
    ],
  ])('%j has the exit code 2', async (args, message) => {
    const { code, stderr, stdout } = await run(args)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })

  test('the same directory under two names', async () => {
    const cwd = await withSessions(1)
    const { code, stderr } = await run(['copy', '--from', 'file:from', '--to', `file:${cwd}/./from`], { cwd })
    expect(stderr).toMatch(/the same store: file:from/)
    expect(code).toBe(2)
  })

  test('a table for a store that has none', async () => {
    const cwd = await withSessions(1)
    const { code, stderr } = await run(['copy', ...FILES, '--create-table'], { cwd })
    expect(stderr).toMatch(/--create-table is for a target in PostgreSQL/)
    expect(code).toBe(2)
  })

  test.each([
    [['redis://me:secret@host']],
    [['copy', '--form=redis://me:secret@host']],
    [['copy', ...FILES, '--form=redis://me:secret@host']],
    [['copy', ...FILES, '--form=secret']],
    [['copy', '--from', 'redis:/me:secret@host', '--to', 'file:x']],
    [['copy', '--concurrency', 'redis://me:secret@host']],
    [['count', 'redis://me:secret@host']],
    [['count', '--store', 'redis:/me:secret@host']],
    [['clear-expired', '--deadline', 'redis://me:secret@host']],
  ])('%j quotes no password', async (args) => {
    const { code, stderr, stdout } = await run(args)
    expect(code).toBe(2)
    expect(stderr).not.toBe('')
    expect(stderr + stdout).not.toContain('secret')
  })
})

describe('what can not be opened', () => {
  test('a source directory that is not there is not made', async () => {
    const cwd = temporaryDirectory()
    const { code, stderr } = await run(['copy', ...FILES], { cwd })
    expect(stderr).toMatch(/There is no session directory .*from".*\(UNTORN_STORE_CONFIG\)/)
    expect(code).toBe(1)
    expect(readdirSync(cwd)).toEqual([])
  })

  test.each([
    ['redis://host', 'redis'],
    ['postgres://host/db', 'pg'],
  ])('%s without a driver: what to install', async (url, driver) => {
    const cwd = applicationWith()
    const { code, stderr } = await run(['copy', '--from', url, '--to', 'file:x'], { cwd })
    expect(stderr).toContain(`npm install ${driver}`)
    expect(code).toBe(1)
  })
})

describe('what is printed', () => {
  test.each(
    [[], ['copy'], ['move'], ['count'], ['clear-expired']].map((command) => [[...command, '--help']]),
  )('%j: 80 columns at the most', async (args) => {
    const { code, stdout } = await run(args)
    expect(code).toBe(0)
    expect(stdout).toContain('env:SESSIONS_URL')
    expect(stdout).toContain('Exit codes')
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('the version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' })
  })

  test('what came of a copy, and of the same command again', async () => {
    const cwd = await withSessions(12)
    const first = await run(['copy', ...FILES], { cwd })
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(
      /^12 sessions came from file:from to file:to in [\d.]+ s: 12 new\.\nCompared: 12\. 12 the same\.\n/,
    )
    const second = await run(['copy', ...FILES, '--json'], { cwd })
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(second.stdout)).toMatchObject({
      ...{ command: 'copy', from: 'file:from', to: 'file:to' },
      done: { seen: 12, copied: 0, same: 12 },
      verified: { ok: true, from: 12, same: 12 },
    })
    expect(await run(['copy', ...FILES, '--quiet'], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('a session that the target can’t take is named, the others are copied, and the exit code is 1', async () => {
    const cwd = await withSessions(3)
    const shard = readdirSync(`${cwd}/from`).find((name) => name.length === 2)!
    const [file] = readdirSync(`${cwd}/from/${shard}`)
    // As an earlier release would have taken it.
    const owner = 'o'.repeat(3000)
    appendFileSync(
      `${cwd}/from/${shard}/${file}`,
      encodeLine({ kind: 'change', id: 'long', at: Date.now(), owner }),
    )
    const { code, stdout, stderr } = await run(['copy', ...FILES], { cwd })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toContain("2 new, 1 refused.\n1 LEFT OUT, as file:to can't take them as they are:\n")
    expect(stdout).toMatch(
      new RegExp(`\n  ${shard}\\w{6}\\.\\.\\.: Invalid argument \`record.owner\`: it has more than 2048`),
    )
    expect(stdout).not.toContain('ooo')
    const again = await run(['copy', ...FILES, '--json'], { cwd })
    expect(again.code).toBe(1)
    expect(JSON.parse(again.stdout)).toMatchObject({
      done: { seen: 3, same: 2, refused: 1, refusals: [{ why: expect.stringContaining('`record.owner`') }] },
      verified: { ok: false, different: 1 },
    })
  })

  test('differences have the exit code 1', async () => {
    const cwd = await withSessions(3)
    await run(['copy', ...FILES], { cwd })
    const to = fileStore(`${cwd}/to`, { sweepEvery: 0 })
    for await (const [key] of to.records()) await to.save(key, { owner: 'somebody-else' })
    await to.close()
    const { code, stdout } = await run(['copy', ...FILES], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('3 kept, as newer there')
    expect(stdout).toContain('3 DIFFERENT')
    expect(stdout).toMatch(/^ {2}[0-9a-f]{8}\.\.\.: different in the target \(owner\)$/m)
    expect(stdout).not.toContain('somebody-else')
  })

  test('a move, which leaves nothing', async () => {
    const cwd = await withSessions(12)
    const { code, stdout } = await run(['move', ...FILES], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/12 moved\.\nNothing is left in file:from\.\n$/)
  })

  test('one that is ended before it began has the exit code 130', async () => {
    const cwd = await withSessions(12)
    const { code, stderr } = await run(['copy', ...FILES], {
      cwd,
      signal: AbortSignal.abort(new Interrupted()),
    })
    expect(stderr).toBe('Interrupted. Nothing was done yet. The same command goes on from here.\n')
    expect(code).toBe(130)
  })
})
