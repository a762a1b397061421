import { beforeEach, expect, test } from 'vitest'
import { examine } from './promises.ts'
import { SLOW_SYNCS, traceOfServer } from './scenarios.ts'
import { allCallsOf, changesOf } from './steps.ts'
import { needsStrace } from './trace.ts'
import { CHANGING_CALLS } from './traced-process.ts'

beforeEach(needsStrace)

test("durability: 'disk': what a response says has happened is safe from power loss before its head leaves", async () => {
  const { trace, answers } = await traceOfServer(
    'disk',
    [
      ['first', '/start'],
      ['save', '/save'],
      ['streamed', '/streamed'],
      ['login', '/login'],
      ['notice', '/notice'],
      ['logout', '/logout'],
    ],
    { calls: CHANGING_CALLS, strace: SLOW_SYNCS },
  )
  expect(examine(trace)).toEqual({
    broken: [],
    answered: ['start', 'first', 'save', 'streamed', 'login', 'notice', 'logout'],
  })
  const header = (name: string): (string | null)[] => answers.map(({ headers }) => headers.get(name))
  expect(header('set-cookie').map((cookie) => cookie?.split('=')[0])).toEqual([
    ...['sid', undefined, undefined, 'sid', undefined, 'sid'],
  ])
  expect(header('notice')[4]).toBe('Welcome')
  // A sign-in is a new session and the end of the old one: at least these had to be synced.
  expect(changesOf(trace, 'login')).toEqual(expect.arrayContaining(['fdatasync session', 'fsync shard']))
})

test('a request costs no call on files without a session, an `fstat` to read it, an append and its reading back to change it', async () => {
  const { trace, answers } = await traceOfServer(
    'process',
    [
      ['visitor', '/nothing'],
      ['first', '/start'],
      ['unused', '/nothing'],
      ['read', '/read'],
      ['save', '/save'],
    ],
    { calls: ['%file', '%desc', '%network'] },
  )
  expect(answers[3]!.headers.get('user')).toBe('Ada')
  expect(allCallsOf(trace, 'visitor')).toEqual([])
  expect(allCallsOf(trace, 'unused')).toEqual([])
  expect(allCallsOf(trace, 'read')).toEqual(['fstat'])
  expect(allCallsOf(trace, 'save')).toEqual(['fstat', 'write', 'pread'])
})
