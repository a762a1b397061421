import { expect, test, vi } from 'vitest'
import { later, type SweepPlan, SweepTimer } from '../../src/stores/sweep-timer.ts'

/** Time that goes on when a test says so. */
class Timers {
  readonly waits: number[] = []
  #due: (() => void) | undefined

  readonly later = (ms: number, call: () => void) => {
    this.waits.push(ms)
    this.#due = call
    return () => {
      this.#due = undefined
    }
  }

  get isSet(): boolean {
    return this.#due !== undefined
  }

  goOff(): void {
    const due = this.#due
    this.#due = undefined
    due?.()
  }
}

function timed(plan: Partial<SweepPlan>): { timers: Timers; timer: SweepTimer; errors: unknown[] } {
  const timers = new Timers()
  const errors: unknown[] = []
  const timer = new SweepTimer({
    every: 1000,
    sweep: async () => {},
    failed: (error) => errors.push(error),
    later: timers.later,
    fraction: () => 0.5,
    ...plan,
  })
  return { timers, timer, errors }
}

test('the next sweep is timed when one is over, however long it took', async () => {
  let finish = (): void => {}
  const { timers } = timed({ sweep: () => new Promise<void>((resolve) => (finish = resolve)) })
  expect(timers.waits).toEqual([1000])
  timers.goOff()
  expect(timers.isSet).toBe(false)
  finish()
  await expect.poll(() => timers.waits).toEqual([1000, 1000])
})

test('the processes of an application do not sweep at the same moment', () => {
  expect(timed({ fraction: () => 0 }).timers.waits).toEqual([750])
  expect(timed({ fraction: () => 0.9 }).timers.waits).toEqual([1200])
})

test('a sweep that fails is told, and the next one comes all the same', async () => {
  const { timers, errors } = timed({ sweep: () => Promise.reject(new Error('no disk')) })
  timers.goOff()
  await expect.poll(() => timers.waits).toHaveLength(2)
  expect(errors).toEqual([new Error('no disk')])
})

test('a stop ends the sweep under way, waits for it and tells nobody; there is no other one', async () => {
  let isOver = false
  const sweep = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener('abort', async () => {
        await new Promise(setImmediate)
        isOver = true
        reject(signal.reason)
      })
    })
  const { timers, timer, errors } = timed({ sweep })
  timers.goOff()
  await timer.stop()
  expect({ isOver, errors, isSet: timers.isSet }).toEqual({ isOver: true, errors: [], isSet: false })
})

test('a stop between two sweeps leaves no timer', async () => {
  const { timers, timer } = timed({})
  await timer.stop()
  expect(timers.isSet).toBe(false)
})

test('every 0: there is no sweep', () => {
  expect(timed({ every: 0 }).timers.isSet).toBe(false)
})

test('a wait that is longer than a timer can be is not taken for a short one', async () => {
  const warned = vi.spyOn(process, 'emitWarning')
  let called = false
  const cancel = later(2 ** 40, () => {
    called = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  cancel()
  expect(called).toBe(false)
  expect(warned).not.toHaveBeenCalled()
})
