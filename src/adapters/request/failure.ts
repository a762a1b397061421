import { inspect } from 'node:util'
import { statusOf } from '../../errors.ts'
import { warnOnce } from '../../events/warn-once.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'

// The first has its code from a time when every such answer was a 500.
const FAILURES = {
  session: {
    code: 'UNTORN_ANSWERED_500',
    message: (status: number) =>
      `A request was answered with status ${status}, since its session could not be used`,
  },
  handler: {
    code: 'UNTORN_HANDLER_FAILED',
    message: (status: number) =>
      `A handler failed, so its request was answered with status ${status}, or its answer was broken off`,
  },
} as const

/** Tells of an error that nobody else is told of. */
export function tellOfFailure<Data extends object>(
  sessions: Sessions<Data>,
  of: keyof typeof FAILURES,
  error: unknown,
): void {
  sessions.report({ type: 'error', error })
  const { code, message } = FAILURES[of]
  // Anything can be thrown, also what is no text.
  const isError = error instanceof Error
  const shown = isError ? `${error.name}: ${error.message}` : inspect(error, { depth: 0 })
  const others = 'Of others the event `error` tells; see the option `onEvent`.'
  const said = `${message(statusOf(error))}: ${shown.replace(/\.?$/, '.')} ${others}`
  warnOnce(code, said, isError ? error.stack : undefined)
}
