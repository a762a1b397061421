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

/** Waits until something is so, a while at most. Whether it is. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  longest = LONGEST_WAIT_MS,
): Promise<boolean> {
  const deadline = performance.now() + longest
  while (!(await isSo())) {
    if (performance.now() > deadline) return false
    await sleep(2)
  }
  return true
}
