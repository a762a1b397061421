import { reporter } from '../../events/reporter.ts'
import { asFunction } from '../../options/checks.ts'
import { asMilliseconds, type Duration } from '../../options/duration.ts'

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
   * The time in which each call is answered, by an error if need be (`StoreUnavailableError`). A change that the
   * server gets later than that is void there: nothing is saved behind the back of a request that has been told that it
   * failed. Default: `'5s'`; at most an hour.
   */
  deadline?: Duration
  /** Told when the server stops answering and when it answers again. Default: `process.emitWarning`. */
  onEvent?: (event: ServerStoreEvent) => void
}

const DEADLINE = '5s'

/** Nobody waits for longer, and timers do not go much further. */
const LONGEST_DEADLINE = { milliseconds: 3_600_000, name: 'an hour' }

/** The options that every store on a server has, checked. */
export function serverOptions(
  server: string,
  { deadline = DEADLINE, onEvent }: { deadline?: unknown; onEvent?: unknown },
): { deadline: number; report: (event: ServerStoreEvent) => void } {
  return {
    deadline: asMilliseconds('deadline', deadline, LONGEST_DEADLINE),
    report:
      onEvent === undefined
        ? (event) => warn(server, event)
        : reporter(asFunction('onEvent', onEvent), `the ${server} store`),
  }
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
