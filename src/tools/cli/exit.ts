/** Exit codes. */
export const DONE = 0
export const FAILED = 1
export const WRONG_USAGE = 2
/** 128 and the signal's number, as shells have it. */
export const INTERRUPTED = 130

/** The command line can't be carried out as it stands; the message says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What is thrown where the user ends the command: the reason of its signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
