import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fileStore } from '../../src/file.ts'
import { createSessions } from '../../src/index.ts'
import { cookieHeader } from '../sessions/visit.ts'
import { againIfSlow } from '../support/again-if-slow.ts'
import { startChild } from '../support/child.ts'
import { temporaryDirectory } from '../support/directory.ts'

test('the process that fetches a token is killed: another one fetches it, those who wait have that', async () => {
  const directory = temporaryDirectory()
  const sessions = createSessions({ store: fileStore(directory, { sweepEvery: 0 }) })
  const first = await sessions.open(undefined)
  first.set('token', 'old')
  const cookie = cookieHeader(await first.commit())
  let runs = 0
  const fetched = () => {
    runs++
    return delay(20, 'new')
  }
  const waiting = await againIfSlow(4000, async (timeout, pass) => {
    runs = 0
    const script = new URL('children/once-runner.ts', import.meta.url)
    const child = startChild(script, directory, cookie, `${timeout}ms`)
    expect(await child.line()).toBe('running')
    const all = await Promise.all(Array.from({ length: 5 }, () => sessions.open(cookie)))
    const waiting = Promise.all(all.map((session) => session.once('token', fetched)))
    await pass(50)
    // Whose turn it is nobody takes from a process that lives.
    expect(runs).toBe(0)
    child.process.kill('SIGKILL')
    return { result: waiting }
  })
  expect(await waiting.result).toEqual(Array.from({ length: 5 }, () => 'new'))
  expect(runs).toBe(1)
  const next = await sessions.open(cookie)
  expect(next.get('token')).toBe('new')
  expect(await next.once('token', () => 'newer')).toBe('newer')
  await sessions.close()
})
