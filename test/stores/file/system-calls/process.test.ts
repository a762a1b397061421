import { beforeEach, describe, expect, test } from 'vitest'
import { traceOfSessions } from './scenarios.ts'
import { allCallsOf, callsOf, momentsOf } from './steps.ts'
import { needsStrace } from './trace.ts'

beforeEach(needsStrace)

describe("durability: 'process': what a real process asked of the system", () => {
  test('nothing waits for the disk, from the first session to the last: no sync of any kind', async () => {
    const syncs = ['fsync', 'fdatasync', 'sync', 'syncfs', 'sync_file_range', 'msync']
    const calls = [...syncs, 'open', 'openat', 'write', 'rename', 'renameat', 'renameat2']
    const life = await traceOfSessions('process', 'life', { calls })
    const called = momentsOf(life, 'create', 'end').map(({ call }) => call)
    expect(called.filter(({ name }) => syncs.includes(name))).toEqual([])
    expect(called.filter(({ args }) => /O_D?SYNC/.test(args.join()))).toEqual([])
    // It was a whole life, with folds in it.
    expect(callsOf(life, 'create', 'end')).toContain('rename new-file > session')
  })

  test('a load of a session in use is one `fstat`, a save one append and its reading back', async () => {
    const repeated = await traceOfSessions('process', 'repeat', { calls: ['%file', '%desc'] })
    for (let n = 0; n < 20; n++) {
      expect(allCallsOf(repeated, `load-${n}`)).toEqual(['fstat'])
      expect(allCallsOf(repeated, `save-${n}`)).toEqual(['write', 'pread'])
    }
  })
})
