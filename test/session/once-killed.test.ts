import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fileStore } from '../../src/file.ts'
import { createSessions } from '../../src/index.ts'
import { cookieHeader } from '../sessions/visit.ts'
import { startChild } from '../support/child.ts'
import { temporaryDirectory } from '../support/directory.ts'

test('the process that fetches a token is killed: another one fetches it, those who wait have that', async () => {
  const directory = temporaryDirectory()
  const sessions = createSessions({ store: fileStore(directory, { sweepEvery: 0 }) })
  const first = await sessions.open(undefined)
  first.set('token', 'old')
  const cookie = cookieHeader(await first.commit())
  const child = startChild(new URL('children/once-runner.ts', import.meta.url), directory, cookie, '4s')
  expect(await child.line()).toBe('running')
  let runs = 0
  const fetched = () => {
    runs++
    return delay(20, 'new')
  }
  const all = await Promise.all(Array.from({ length: 5 }, () => sessions.open(cookie)))
  const waiting = Promise.all(all.map((session) => session.once('token', fetched)))
  await delay(50)
  // Whose turn it is nobody takes from a process that lives.
  expect(runs).toBe(0)
  child.process.kill('SIGKILL')
  expect(await waiting).toEqual(Array.from({ length: 5 }, () => 'new'))
  expect(runs).toBe(1)
  const next = await sessions.open(cookie)
  expect(next.get('token')).toBe('new')
  expect(await next.once('token', () => 'newer')).toBe('newer')
  await sessions.close()
})
