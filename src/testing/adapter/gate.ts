import { setTimeout as sleep } from 'node:timers/promises'

/** What some wait at until somebody opens it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** What opens as soon as so many have come, so that all of them are under way at once. */
export function meeting(count: number): () => Promise<void> {
  const { opened, open } = gate()
  let come = 0
  return () => {
    come++
    if (come === count) open()
    return opened
  }
}

const LONGEST_WAIT_MS = 2000
const LOOK_MS = 2
const STEP_MS = 20

/**
 * Waits until something is so, a while at most, of this process's own time as {@link unlessCome} has it. Whether it is.
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  longest = LONGEST_WAIT_MS,
): Promise<boolean> {
  for (let left = longest; !(await isSo()); left -= LOOK_MS) {
    if (left <= 0) return false
    await sleep(LOOK_MS)
  }
  return true
}

/**
 * Calls `late` after so many milliseconds, but for a call of what it returns. They are counted in short steps: while a busy
 * machine holds up this process, what it waits for stands still too.
 */
export function unlessCome(ms: number, late: () => void): () => void {
  let timer: NodeJS.Timeout
  const step = (left: number): void => {
    timer = setTimeout(() => (left > STEP_MS ? step(left - STEP_MS) : late()), Math.min(left, STEP_MS))
  }
  step(ms)
  return () => clearTimeout(timer)
}
