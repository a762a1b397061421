import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

/** They may be turned by a test. */
const clock = performance.now.bind(performance)

/** The case then has hundreds of times the time that it was to have. */
const MOST_TIMES = 8
/** Of one that waits for that time again and again, and would take minutes. */
const FEW_TIMES = 3

/**
 * Plays a case in which a time goes by that no test can turn on: a server's, or that of somebody else's library. `ms` is the time
 * that the case is about, as an idle timeout; `pass` waits. The case has to hold where all that it does besides waiting takes a
 * quarter of `ms`. If it fails where that took longer, the machine was too slow for it, which says nothing: it is played
 * again, with twice the time.
 */
export async function againIfSlow<T>(
  ms: number,
  play: (ms: number, pass: (ms: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  for (let times = 0; ; times++) {
    const time = ms * 2 ** times
    let waited = 0
    const began = clock()
    const pass = async (ms: number): Promise<void> => {
      waited += ms
      await delay(ms)
    }
    try {
      return await play(time, pass)
    } catch (error) {
      if (times === MOST_TIMES || clock() - began - waited < time / 4) throw error
    }
  }
}

/**
 * The same of a case that waits for that time itself, as for a deadline: it is played again if this process was held up
 * for a quarter of it at a stretch, and for three times at the most.
 */
export async function againIfHeldUp<T>(ms: number, play: (ms: number) => Promise<T>): Promise<T> {
  for (let times = 0; ; times++) {
    const time = ms * 2 ** times
    const delays = monitorEventLoopDelay({ resolution: 10 })
    delays.enable()
    try {
      return await play(time)
    } catch (error) {
      if (times === FEW_TIMES || delays.max / 1e6 < time / 4) throw error
    } finally {
      delays.disable()
    }
  }
}
