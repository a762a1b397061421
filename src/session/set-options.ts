import { asOptions } from '../options/checks.ts'
import { asMilliseconds, type Duration } from '../options/duration.ts'

/** What `session.set` can be told of a value. */
export interface SetOptions {
  /** How long the value can be read from now on, as milliseconds or a text such as `'10m'`. Default: as the session. */
  expiresIn?: Duration
}

/** When a value expires that is set now, in milliseconds since the epoch. Throws `InvalidOptionError`. */
export function untilBy(options: SetOptions, now: () => number): number | undefined {
  const { expiresIn } = asOptions(options, ['expiresIn'])
  return expiresIn === undefined ? undefined : now() + asMilliseconds('expiresIn', expiresIn)
}
