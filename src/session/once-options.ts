import { invalidArgument } from '../errors.ts'
import { asOptions, needed } from '../options/checks.ts'
import { asMilliseconds, type Duration } from '../options/duration.ts'

/** What `session.once` can be told. */
export interface OnceOptions {
  /** How long a run may take before others take its place, as milliseconds or a text. Default: `'30s'`. */
  timeout?: Duration
  /** Ends the waiting of this request: it rejects with the signal's reason. A function that runs goes on. */
  signal?: AbortSignal
}

const DEFAULT_TIMEOUT = '30s'

/** Throws `InvalidOptionError`. */
export function checkedOnce(options: unknown = {}): { timeout: number; signal: AbortSignal | undefined } {
  const { timeout = DEFAULT_TIMEOUT, signal } = asOptions(options, ['timeout', 'signal'])
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw needed('signal', 'an AbortSignal', signal)
  return { timeout: asMilliseconds('timeout', timeout), signal }
}

/** Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`). */
export function asCallable<T>(argument: string, fn: T): T {
  if (typeof fn === 'function') return fn
  throw invalidArgument(argument, 'a function is needed')
}
