import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Deadlines, type Waiting } from '../../../src/stores/server/deadlines.ts'

function waiting(until: number, tooLate = (): void => {}): Waiting {
  return { until, tooLate, before: undefined, after: undefined }
}

/** Resolves with the names of those that are over, once there are so many. */
function after(count: number) {
  const over: string[] = []
  let resolve: (over: string[]) => void
  const done = new Promise<string[]>((done) => {
    resolve = done
  })
  const ends = (name: string) => () => {
    if (over.push(name) === count) resolve(over)
  }
  return { ends, done }
}

test('what waits is over in its order, each by its own moment', async () => {
  const deadlines = new Deadlines()
  const { ends, done } = after(3)
  const now = performance.now()
  for (const [n, name] of ['first', 'second', 'third'].entries())
    deadlines.add(waiting(now + n * 5, ends(name)))
  expect(await done).toEqual(['first', 'second', 'third'])
  expect(performance.now()).toBeGreaterThanOrEqual(now + 10)
  await deadlines.empty()
})

test('what was taken out is not over, wherever in line it stood', async () => {
  const deadlines = new Deadlines()
  const { ends, done } = after(2)
  const now = performance.now()
  const line = ['a', 'b', 'c', 'd', 'e'].map((name) => waiting(now + 5, ends(name)))
  for (const each of line) deadlines.add(each)
  for (const n of [2, 0, 4]) deadlines.remove(line[n]!)
  expect(await done).toEqual(['b', 'd'])
})

test('one that comes when the line was empty for a while has its time too', async () => {
  const deadlines = new Deadlines()
  const early = waiting(performance.now() + 1000)
  deadlines.add(early)
  deadlines.remove(early)
  await deadlines.empty()
  const { ends, done } = after(2)
  const now = performance.now()
  deadlines.add(waiting(now + 1001, ends('late')))
  deadlines.add(waiting(now + 1002, ends('later')))
  expect(await done).toEqual(['late', 'later'])
  expect(performance.now()).toBeGreaterThanOrEqual(now + 1001)
})

test('empty() waits until nothing does', async () => {
  const deadlines = new Deadlines()
  const [one, other] = [waiting(performance.now() + 60_000), waiting(performance.now() + 60_000)]
  deadlines.add(one)
  deadlines.add(other)
  let isEmpty = false
  const emptied = deadlines.empty().then(() => (isEmpty = true))
  deadlines.remove(one)
  await Promise.resolve()
  expect(isEmpty).toBe(false)
  deadlines.remove(other)
  await emptied
})

test('a process may end when nothing waits, and not while something does', async () => {
  const module = new URL('../../../src/stores/server/deadlines.ts', import.meta.url).href
  const script = `
    const { Deadlines } = await import(${JSON.stringify(module)})
    const waiting = (ms, tooLate) => ({ until: performance.now() + ms, tooLate })
    const idle = new Deadlines()
    const gone = waiting(3_600_000)
    idle.add(gone)
    idle.remove(gone)
    const busy = new Deadlines()
    const short = waiting(100)
    busy.add(short)
    busy.remove(short)
    busy.add(waiting(150, () => console.log('was late')))`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(stdout).toBe('was late\n')
})
