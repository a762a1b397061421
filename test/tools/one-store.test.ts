import { readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { keyOfNoSession } from '../../src/contract/key.ts'
import { fileStore } from '../../src/file.ts'
import { Interrupted } from '../../src/tools/cli/exit.ts'
import { run as runCommand } from '../../src/tools/cli/run.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey, newRecord } from '../support/records.ts'
import { start, untorn } from './command.ts'
import { run } from './in-process.ts'
import { contentsOf } from './sessions.ts'
import { screenOf } from './terminal.ts'

const HOUR = 3_600_000

/** A session directory with live sessions, and with some that have expired. */
async function withSessions({ live, expired }: { live: number; expired: number }): Promise<string> {
  const directory = temporaryDirectory()
  const store = fileStore(directory, { sweepEvery: 0 })
  const soon = Date.now() + 5
  for (let n = 0; n < live; n++) await store.create(newKey(), newRecord({ n }, { expiresAt: soon + HOUR }))
  for (let n = 0; n < expired; n++) await store.create(newKey(), newRecord({ n }, { expiresAt: soon }))
  await store.close()
  await vi.waitUntil(() => Date.now() > soon)
  return directory
}

async function left(directory: string): Promise<number> {
  const store = fileStore(directory, { sweepEvery: 0 })
  try {
    return await store.count()
  } finally {
    await store.close()
  }
}

describe('untorn count', () => {
  test('says how many sessions there are', async () => {
    const directory = await withSessions({ live: 1024, expired: 0 })
    const store = `file:${directory}`
    expect(await run(['count', '--store', store])).toEqual({
      code: 0,
      stdout: `${store} has about 1,024 sessions.\n`,
      stderr: '',
    })
    const { code, stdout } = await run(['count', '--store', store, '--json'])
    expect(JSON.parse(stdout)).toEqual({ command: 'count', store, count: 1024 })
    expect(code).toBe(0)
  })

  test('opens no session for it, and leaves out what is none', async () => {
    const directory = await withSessions({ live: 20, expired: 0 })
    const store = fileStore(directory, { sweepEvery: 0 })
    await store.create(keyOfNoSession('a note'), newRecord())
    await store.close()
    // Who read them would meet a file that can't be read as one.
    const shard = readdirSync(directory).find((name) => /^[0-9a-f]{2}$/.test(name))!
    symlinkSync('/dev/null', join(directory, shard, 'e'.repeat(62)))
    const { code, stdout } = await run(['count', '--store', `file:${directory}`])
    expect(stdout).toContain('has about 21 sessions.')
    expect(code).toBe(0)
  })

  test('in a directory that is not there makes none', async () => {
    const cwd = temporaryDirectory()
    const { code, stderr } = await run(['count', '--store', 'file:sessions'], { cwd })
    expect(stderr).toMatch(/There is no session directory .*sessions": see to the path after --store/)
    expect(code).toBe(1)
    expect(readdirSync(cwd)).toEqual([])
  })

  test.each(['lost+found', '.gitkeep'])(
    'in a directory with %s alone makes none of sessions',
    async (name) => {
      const directory = temporaryDirectory()
      writeFileSync(join(directory, name), '')
      for (const command of ['count', 'clear-expired']) {
        const { code, stdout, stderr } = await run([command, '--store', `file:${directory}`])
        expect(stderr).toMatch(/There is no session directory/)
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      }
      expect(readdirSync(directory)).toEqual([name])
    },
  )

  test('has its exit code, whatever a connection says that it closes at the end', async () => {
    const stream = (): NodeJS.WriteStream => new PassThrough() as unknown as NodeJS.WriteStream
    const around = { env: {}, cwd: '/', version: '1', signal: new AbortController().signal }
    const command = {
      ...{ name: 'count', options: { deadline: 1000 }, stores: { store: 'file:x' } },
      open: async () => ({ close: () => Promise.reject(new Error('The client is closed')) }),
      work: async () => ({ code: 0, result: {} }),
    }
    expect(await runCommand(command, { ...around, stdout: stream(), stderr: stream() })).toBe(0)
  })

  test('that is ended has the exit code 130, and says no more than that', async () => {
    const directory = await withSessions({ live: 3, expired: 0 })
    const signal = AbortSignal.abort(new Interrupted())
    const { code, stdout, stderr } = await run(['count', '--store', `file:${directory}`, '--json'], {
      signal,
    })
    expect(stderr).toBe('Interrupted.\n')
    expect(JSON.parse(stdout)).toMatchObject({ command: 'count', error: { code: 'INTERRUPTED' } })
    expect(code).toBe(130)
  })
})

describe('untorn clear-expired', () => {
  test('removes what has expired, and nothing else', async () => {
    const directory = await withSessions({ live: 30, expired: 50 })
    const store = `file:${directory}`
    expect(await left(directory)).toBe(80)
    const { code, stdout, stderr } = await run(['clear-expired', '--store', store])
    expect(stdout).toMatch(/^From file:\S+ in \d+\.\d s: 50 removed, 80 looked at\.\n$/)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await left(directory)).toBe(30)
  })

  test('in JSON, and quietly: a cron job that has nothing to tell sends no mail', async () => {
    const directory = await withSessions({ live: 3, expired: 4 })
    const store = `file:${directory}`
    const { stdout } = await run(['clear-expired', '--store', store, '--json'])
    const done = { scanned: 7, removed: 4 }
    expect(JSON.parse(stdout)).toEqual({ command: 'clear-expired', store, done, failed: 0 })
    expect(await run(['clear-expired', '--store', store, '--quiet'])).toEqual({
      ...{ code: 0, stdout: '', stderr: '' },
    })
  })

  test('names what it could not look at, does the rest, and has the exit code 1', async () => {
    const directory = await withSessions({ live: 1, expired: 9 })
    const shard = readdirSync(directory).find((name) => /^[0-9a-f]{2}$/.test(name))!
    const foreign = 'c'.repeat(62)
    for (let n = 0; n < 13; n++) {
      symlinkSync('/dev/null', join(directory, shard, `${foreign.slice(2)}${n + 10}`))
    }
    const { code, stdout, stderr } = await run(['clear-expired', '--store', `file:${directory}`, '--quiet'])
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(11)
    expect(lines[0]).toMatch(
      /^untorn clear-expired: .*cccc\S* is not a journal of this store: .*move it away\.$/,
    )
    expect(lines[10]).toBe('untorn clear-expired: and 3 more.')
    expect(stderr).not.toContain(foreign.slice(0, 20))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const store = fileStore(directory, { sweepEvery: 0, onEvent: () => {} })
    await expect(store.clearExpired()).resolves.toMatchObject({ removed: 0 })
    await store.close()
  })

  test('names a session of which nothing can be read, too', async () => {
    const directory = await withSessions({ live: 1, expired: 1 })
    const shard = readdirSync(directory).find((name) => /^[0-9a-f]{2}$/.test(name))!
    writeFileSync(join(directory, shard, 'c'.repeat(62)), '\nrubbish\nrubbish')
    const { code, stdout, stderr } = await run(['clear-expired', '--store', `file:${directory}`])
    expect(stdout).toContain('1 removed')
    expect(stderr).toBe(
      `untorn clear-expired: ${shard}/cccccc... is damaged or was renamed: it is no session, and stays.\n`,
    )
    expect(code).toBe(1)
  })

  test('on a terminal shows how far it is; ended by Ctrl-C, it leaves a clean screen and can be run again', async () => {
    const directory = await withSessions({ live: 1, expired: 600 })
    const ending = new AbortController()
    const { code, stderr } = await run(['clear-expired', '--store', `file:${directory}`], {
      columns: 80,
      signal: ending.signal,
      onError: (text) => {
        if (text.includes('Sweeping')) setImmediate(() => ending.abort(new Interrupted()))
      },
    })
    expect(code).toBe(130)
    expect(stderr).toMatch(/Sweeping [█░]+ \d+% \|/)
    const [first, second, ...rest] = screenOf(stderr)
    expect(first).toBe('Ending after what is under way; once more to end at once.')
    expect(second).toMatch(
      /^Interrupted\. \d+ removed(, \d+ looked at)?\. The same command goes on from here\.$/,
    )
    expect(rest).toEqual([''])
    const removed = Number(/(\d+) removed/.exec(second!)![1])
    expect(removed).toBeLessThan(600)
    // It may have removed some more of the part that it was at.
    const again = await run(['clear-expired', '--store', `file:${directory}`, '--json'])
    expect(JSON.parse(again.stdout).done.removed).toBeLessThanOrEqual(600 - removed)
    expect(await left(directory)).toBe(1)
  })

  test('twice at the same time, beside an application: each session goes once, and none that lives', async () => {
    const directory = await withSessions({ live: 40, expired: 200 })
    const application = fileStore(directory, { sweepEvery: 0 })
    const before = await contentsOf(application)
    const args = ['clear-expired', '--store', `file:${directory}`, '--json']
    const both = await Promise.all([untorn(args), untorn(args), application.clearExpired()])
    const removed = both.map((each) => {
      if (!('stdout' in each)) return each.removed
      expect(each).toMatchObject({ code: 0, stderr: '' })
      return JSON.parse(each.stdout).done.removed as number
    })
    expect(removed.reduce((sum, each) => sum + each, 0)).toBe(200)
    expect(await contentsOf(application)).toEqual(before)
    expect(before.size).toBe(40)
    await application.close()
  })

  test('goes on when what reads its output goes away', async () => {
    const directory = await withSessions({ live: 2, expired: 20 })
    const running = start(['clear-expired', '--store', `file:${directory}`])
    running.process.stdout!.destroy()
    running.process.stderr!.destroy()
    expect((await running.ended).code).toBe(0)
    expect(await left(directory)).toBe(2)
  })
})
