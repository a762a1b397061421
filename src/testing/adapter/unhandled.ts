import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** That nothing ends the process meanwhile: no error that nobody catches. */
export async function endingNoProcess(work: () => Promise<void>): Promise<void> {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  try {
    await work()
    // Whether somebody catches a rejection is known a turn later.
    await sleep(1)
  } finally {
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
  }
  assert.deepEqual(unhandled, [], 'an error was caught by nobody, and ends the process as a rule')
}
