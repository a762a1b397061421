import { setTimeout as delay } from 'node:timers/promises'

const STEP_MS = 2

/**
 * So many milliseconds, in short steps: while a busy machine holds this process up, what it waits for stands still too, and
 * each step lets through what has come meanwhile. For what would come at once; what can be asked whether it is there is polled.
 */
export async function aWhile(ms = 10): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) await delay(Math.min(left, STEP_MS))
}
