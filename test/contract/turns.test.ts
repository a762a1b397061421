import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SessionRecord } from '../../src/contract/record.ts'
import { type Turn, Turns } from '../../src/contract/turns.ts'
import { run, type Steps, settled } from '../../src/contract/wait.ts'
import { newKey } from '../support/records.ts'

const key = newKey()

function* waits<T>(promise: Promise<T>): Steps<T> {
  return yield* settled(promise)
}

test('work that waits for nothing is done at once, and leaves nothing', () => {
  const turns = new Turns()
  function* work(): Steps<string> {
    yield* settled('no promise')
    expect(turns.isIdle).toBe(true)
    return 'done'
  }
  expect(run(turns.take(key, work))).toBe('done')
  expect(turns.isIdle).toBe(true)
})

test('work on one session is done in the order in which it came, work on another one meanwhile', async () => {
  const turns = new Turns()
  const done: number[] = []
  const work = (number: number, ms: number) => () => waits(delay(ms).then(() => done.push(number)))
  await Promise.all([
    run(turns.take(key, work(1, 30))),
    run(turns.take(key, work(2, 5))),
    run(turns.take(newKey(), work(3, 1))),
    run(turns.take(key, work(4, 1))),
  ])
  expect(done).toEqual([3, 1, 2, 4])
  expect(turns.isIdle).toBe(true)
})

test('each is told of the newest record that those before have met', async () => {
  const turns = new Turns()
  const met: unknown[] = []
  const work = (version: number) =>
    function* (turn: Turn): Steps<void> {
      met.push(turn.newest?.version)
      yield* settled(delay(1))
      turn.newest = { version } as SessionRecord
    }
  await Promise.all([1, 2, 3].map((version) => run(turns.take(key, work(version)))))
  expect(met).toEqual([undefined, 1, 2])
  await run(turns.take(key, work(4)))
  expect(met.at(-1)).toBeUndefined()
})

test('behind one that fails, all who wait go on at once', async () => {
  const turns = new Turns()
  let [underWay, most] = [0, 0]
  const fails = () => {
    most = Math.max(most, ++underWay)
    const failing = async () => {
      await delay(20)
      underWay--
      throw new Error('The server does not answer.')
    }
    return waits(failing())
  }
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => run(turns.take(key, fails))))
  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
  expect(most).toBe(19)
  expect(turns.isIdle).toBe(true)
})

test('behind one that never ends, too', async () => {
  const turns = new Turns()
  void run(turns.take(key, () => waits(new Promise(() => {}))))
  const others = [1, 2, 3].map((number) => run(turns.take(key, () => waits(Promise.resolve(number)))))
  expect(await Promise.all(others)).toEqual([1, 2, 3])
  expect(turns.isIdle).toBe(true)
})
