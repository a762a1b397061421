import { afterAll } from 'vitest'

/** What tells the time, and what comes after some. */
const clockNow = () => ({
  globals: { setTimeout, clearTimeout, setInterval, clearInterval, Date },
  now: performance.now,
})

/** As the process had it before any test. */
const OF_PROCESS = Symbol.for('untorn.tests.clock')
const kept = globalThis as { [OF_PROCESS]?: ReturnType<typeof clockNow> }
kept[OF_PROCESS] ??= clockNow()
const { globals, now } = kept[OF_PROCESS]

// The next file would wait for ever for a clock that nobody turns any more.
afterAll(() => {
  const left = clockNow()
  const isOther = Object.entries(globals).some(([name, value]) => value !== Reflect.get(left.globals, name))
  if (!isOther && left.now === now) return
  Object.assign(globalThis, globals)
  performance.now = now
  throw new Error(
    'A clock that was turned is left behind: what is put in the place of one has to be taken away, and what is put around it before. ' +
      '`vi.restoreAllMocks()` brings back what a spy of an earlier file was around.',
  )
})
