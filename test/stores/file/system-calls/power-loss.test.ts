import { once } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { fileStore } from '../../../../src/file.ts'
import { startChild } from '../../../support/child.ts'
import { newKey, newRecord } from '../../../support/records.ts'
import type { Call } from './calls.ts'
import { noteIn } from './notes.ts'
import { examine } from './promises.ts'
import { SLOW_SYNCS, traceOfSessions } from './scenarios.ts'
import { changesOf } from './steps.ts'
import { needsStrace, type Trace } from './trace.ts'
import { CHANGING_CALLS } from './traced-process.ts'

const SLOWLY = { calls: CHANGING_CALLS, strace: SLOW_SYNCS }

/** One trace for all tests that look at it: whichever comes first waits for all of it, as slow as disks and strace are. */
let life: Promise<Trace> | undefined
const lifeOfSessions = (): Promise<Trace> => {
  life ??= tracedInTime()
  return life
}

const MOST_TRACES = 5

/**
 * A session of it is deleted while its fold waits for a sync. On a busy machine that may be over before the process has its next turn: then
 * it is another life than the one that the tests tell of, and is lived once more. A store that does not wait is never in time.
 */
async function tracedInTime(traces = 1): Promise<Trace> {
  const trace = await traceOfSessions('disk', 'life', SLOWLY)
  const isInTime = changesOf(trace, 'delete-folded').at(-1) === 'fsync shard'
  return isInTime || traces === MOST_TRACES ? trace : tracedInTime(traces + 1)
}

const answeredIn = (call: Call): string | undefined => {
  const note = noteIn(call)
  return note?.note === 'answers' ? note.step : undefined
}

const isSync = (call: string): boolean => /^f(data)?sync /.test(call)

beforeEach(needsStrace)

const slowly = { timeout: 400_000 }

describe(
  "durability: 'disk': what a real process asked of the system, with power loss at any moment",
  slowly,
  () => {
    test('nothing that was answered would be missing or back, and the directory would be used again', async () => {
      const { broken, answered } = examine(await lifeOfSessions())
      expect(broken).toEqual([])
      const some = [
        'start',
        'create',
        'save',
        'overlapping-8',
        'folding-0-4',
        'create-both-2',
        'delete',
        'end',
      ]
      expect(answered).toEqual(expect.arrayContaining(some))
    })

    test('a start: the manifest is synced before it gets its name, then the directory, and every one above it', async () => {
      const trace = await lifeOfSessions()
      const parents = trace.root.split('/').length - 1
      expect(changesOf(trace, 'start')).toEqual([
        'mkdir parent',
        'mkdir directory',
        'write draft',
        'fsync draft',
        'rename draft > manifest',
        'fsync directory',
        ...Array.from({ length: parents }, () => 'fsync parent'),
        // Whether it can be written to, and has space.
        'write draft',
        'fsync draft',
        'unlink draft',
      ])
    })

    test('create: the file is synced, then its name in the shard, then the name of the shard', async () => {
      expect(changesOf(await lifeOfSessions(), 'create')).toEqual([
        'mkdir shard',
        'write session (base)',
        'fdatasync session',
        'fsync shard',
        'fsync directory',
      ])
    })

    test('create in a shard whose name is known to be synced: only what is new', async () => {
      expect(changesOf(await lifeOfSessions(), 'create-beside')).toEqual([
        'write session (base)',
        'fdatasync session',
        'fsync shard',
      ])
    })

    test('save: one append, and one sync of that file', async () => {
      expect(changesOf(await lifeOfSessions(), 'save')).toEqual([
        'write session (change)',
        'fdatasync session',
      ])
    })

    test('eight overlapping saves: two syncs, the one that was under way and one for all that came after it', async () => {
      const calls = changesOf(await lifeOfSessions(), 'overlapping-1', 'overlapping-8')
      expect(calls.filter((call) => call === 'write session (change)')).toHaveLength(8)
      expect(calls.filter(isSync)).toEqual(['fdatasync session', 'fdatasync session'])
    })

    test('a fold: the new file is synced before it takes the place of the old one, and its name after that', async () => {
      const calls = changesOf(await lifeOfSessions(), 'folding-0-1', 'save-folded')
      const fold = calls.filter((call) => /new-file|shard/.test(call))
      const renamed = fold.indexOf('rename new-file > session')
      expect(fold.slice(renamed - 2, renamed + 2)).toEqual([
        'write new-file (base)',
        'fdatasync new-file',
        'rename new-file > session',
        'fsync shard',
      ])
    })

    test('delete: the end is synced before the file is removed; that the name is gone need not be', async () => {
      expect(changesOf(await lifeOfSessions(), 'delete')).toEqual([
        'write session (end)',
        'fdatasync session',
        'unlink session',
      ])
    })

    test('delete while a fold still waits for its sync: that the name is gone is synced before the answer', async () => {
      const calls = changesOf(await lifeOfSessions(), 'delete-folded')
      expect(calls).toContain('unlink session')
      expect(calls.at(-1)).toBe('fsync shard')
    })
  },
)

describe("durability: 'disk', for sessions that others left", () => {
  const keys = [newKey(), newKey(), newKey()] as const

  /** Made with the other durability: nothing of them was synced. */
  async function leaveSessions(root: string): Promise<void> {
    const other = fileStore(root)
    for (const key of keys) await other.create(key, newRecord({ user: 'Ada' }))
    await other.close()
  }

  const steps = ['start', 'save', 'save-again', 'delete', 'save-both-1', 'save-both-2', 'end']
  const allAnswered = { broken: [], answered: expect.arrayContaining(steps) }

  test('a save or a delete syncs all of the file, and its name, although another process made it', async () => {
    const inherited = await traceOfSessions('disk', 'inherit', { ...SLOWLY, keys, prepare: leaveSessions })
    expect(examine(inherited)).toEqual(allAnswered)
    expect(changesOf(inherited, 'save')).toEqual([
      'write session (change)',
      'fdatasync session',
      'fsync shard',
    ])
    expect(changesOf(inherited, 'save-again')).toEqual(['write session (change)', 'fdatasync session'])
  })

  test('a journal that was taken over from a killed process is on the disk before what is saved to it', async () => {
    const prepare = async (root: string): Promise<void> => {
      await leaveSessions(root)
      const holder = startChild(new URL('../children/hold-seal.ts', import.meta.url), root, keys[0])
      expect(await holder.line()).toBe('sealed')
      holder.process.kill('SIGKILL')
      await once(holder.process, 'exit')
    }
    const takenOver = await traceOfSessions('disk', 'inherit', { ...SLOWLY, keys, prepare })
    expect(examine(takenOver)).toEqual(allAnswered)
    expect(changesOf(takenOver, 'save')).toEqual([
      'write session (change)', // behind the seal, and void
      'write session (seal)',
      'write new-file (base)',
      'fdatasync new-file',
      'rename new-file > session',
      'fsync shard',
      'write session (change)',
      'fdatasync session',
    ])
  })
})

describe("durability: 'disk', when the device fails", () => {
  test('a save whose sync failed is not answered, and the next one goes to a new file', async () => {
    // One thread for all syncs, as strace counts the calls of each.
    const failed = await traceOfSessions('disk', 'fail', {
      calls: CHANGING_CALLS,
      strace: ['-e', 'inject=fdatasync:error=EIO:when=2'],
      env: { UV_THREADPOOL_SIZE: '1' },
    })
    expect(examine(failed)).toEqual({
      broken: [],
      answered: ['start', 'create', 'save', 'save-again', 'delete', 'end'],
    })
    const changes = changesOf(failed, 'save-failing', 'save')
    // Another thread syncs the new file while a change is appended: either may come first.
    const ofTwoThreads = changes.splice(3, 2)
    expect(ofTwoThreads.sort()).toEqual([
      'fdatasync new-file',
      'write session (change)', // behind the seal, and void
    ])
    expect(changes).toEqual([
      'write session (change)', // its sync fails
      'write session (seal)',
      'write new-file (base)',
      'rename new-file > session',
      'fsync shard',
      'write session (change)',
      'fdatasync session',
    ])
  })
  test('a save whose sync failed is followed by one of another store, which is told nothing: that one is safe', async () => {
    const failed = await traceOfSessions('disk', 'fail-elsewhere', {
      calls: CHANGING_CALLS,
      strace: ['-e', 'inject=fdatasync:error=EIO:when=2'],
      env: { UV_THREADPOOL_SIZE: '1' },
    })
    expect(examine(failed)).toEqual({
      broken: [],
      answered: ['start', 'create', 'save', 'save-again', 'save-back', 'end'],
    })
  })
})

describe("durability: 'disk' on a file system without a journal, as its check leaves it", () => {
  const broken = async (step: string): Promise<string[]> => {
    const trace = await lifeOfSessions()
    const end = trace.moments.findIndex(({ call }) => answeredIn(call) === step)
    return examine({ ...trace, moments: trace.moments.slice(0, end + 1) }, 'without a journal').broken
  }

  test('what was answered is there for as long as no journal was folded and no session removed', async () => {
    expect(await broken('overlapping-8')).toEqual([])
    expect(await broken('create-beside')).toEqual([])
  })

  test('a session may be lost while its journal is folded, and one that is made after others were removed', async () => {
    expect(await broken('end')).toEqual([
      expect.stringMatching(/^the session 3f100000 would be lost by power loss when rename/),
      expect.stringMatching(/^the session a2000000 would be lost by power loss when rename/),
      expect.stringMatching(
        /^the session 7e000000 would be lost by power loss when "create-after-delete" answers/,
      ),
    ])
  })
})
