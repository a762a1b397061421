import { InvalidOptionError } from '../../errors.ts'
import { reporter } from '../../events/reporter.ts'

/** What the stores tell of that keep sessions on a server. */
export type ServerStoreEvent =
  /** The server has stopped answering: until it does again, most calls are refused without asking it. */
  | { type: 'unavailable'; error: unknown }
  /** It answers again; `after` so many milliseconds. */
  | { type: 'available'; after: number }
  /** A sweep of expired sessions in the background failed; the next one tries again. */
  | { type: 'sweep-failed'; error: unknown }

/** The options that every store on a server has. */
export interface ServerStoreOptions {
  /**
   * Milliseconds in which each call is answered, by an error if need be (`StoreUnavailableError`). A change that the
   * server gets later than that is void there: nothing is saved behind the back of a request that has been told that it
   * failed. Default: 5000; at most an hour.
   */
  deadline?: number
  /** Told when the server stops answering and when it answers again. Default: `process.emitWarning`. */
  onEvent?: (event: ServerStoreEvent) => void
}

export const DEADLINE = 5000

/** An hour: nobody waits for longer, and timers do not go much further. */
const LONGEST_DEADLINE = 3_600_000

export function checkedDeadline(given: number | undefined): number {
  return wholeNumber('deadline', given, 1, DEADLINE, LONGEST_DEADLINE)
}

/** Options of which none is unknown and none is `null`, for the checks of each that come next. */
export function knownOptions<Options extends object>(
  call: string,
  given: Options,
  known: readonly string[],
): Options {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidOptionError('options', `${call} takes an object`)
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new InvalidOptionError(unknown, `${call} knows ${known.join(', ')}`)
  return given
}

/** A whole number from `least` on; `undefined` is the default. */
export function wholeNumber(
  name: string,
  given: number | undefined,
  least: number,
  byDefault: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (given === undefined) return byDefault
  if (Number.isSafeInteger(given) && given >= least && given <= most) return given
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`
  throw new InvalidOptionError(name, `it is a whole number ${range}`)
}

/** Tells the application, and breaks nothing whatever its function does. */
export function reporterOf(
  server: string,
  onEvent: ServerStoreOptions['onEvent'],
): (event: ServerStoreEvent) => void {
  if (onEvent === undefined) return (event) => warn(server, event)
  if (typeof onEvent !== 'function') throw new InvalidOptionError('onEvent', 'it is a function')
  return reporter(onEvent, `the ${server} store`)
}

function warn(server: string, event: ServerStoreEvent): void {
  process.emitWarning(warningOf(server, event), { type: 'UntornWarning', code: 'UNTORN_SERVER_STORE' })
}

function warningOf(server: string, event: ServerStoreEvent): string {
  switch (event.type) {
    case 'unavailable':
      return `${server} does not answer: ${event.error}`
    case 'available':
      return `${server} answers again, after ${event.after} ms.`
    case 'sweep-failed':
      return `A sweep of expired sessions failed: ${event.error}`
  }
}
