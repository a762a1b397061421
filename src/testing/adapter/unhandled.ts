import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** What looks at the process now: one listener for all, as several cases may run at once. */
const looking = new Set<unknown[]>()

const note = (error: unknown): void => {
  for (const unhandled of looking) unhandled.push(error)
}

function look(unhandled: unknown[]): void {
  if (looking.size === 0) {
    process.on('unhandledRejection', note)
    process.on('uncaughtException', note)
  }
  looking.add(unhandled)
}

function lookAway(unhandled: unknown[]): void {
  looking.delete(unhandled)
  if (looking.size > 0) return
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
}

/** That nothing ends the process meanwhile: no error that nobody catches. */
export async function endingNoProcess(work: () => Promise<void>): Promise<void> {
  const unhandled: unknown[] = []
  look(unhandled)
  try {
    await work()
    // Whether somebody catches a rejection is known a turn later.
    await sleep(1)
  } finally {
    lookAway(unhandled)
  }
  assert.deepEqual(unhandled, [], 'an error was caught by nobody, and ends the process as a rule')
}
