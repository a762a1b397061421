import { InvalidOptionError } from '../../errors.ts'
import { asFunction, asText, asWholeNumber } from '../../options/checks.ts'
import { asMilliseconds, type Duration } from '../../options/duration.ts'
import type { OnEvent } from '../../session/events.ts'
import { defaults } from '../../sessions/options.ts'

/** What untorn adds to the options of express-session. */
export interface UntornOptions {
  /**
   * The name of this application, where several keep their sessions in one store: an id is valid in the application that gave
   * it out alone. Default: none. Who sets or changes it signs everybody out.
   */
  app?: string | undefined
  /**
   * How long a session lives at least without being used where its cookie ends with the browser, so that nothing else says
   * it. With `cookie.maxAge` it is that. Default: `'1d'`.
   */
  idleTimeout?: Duration | undefined
  /** How long a session lives at most, however much it is used. Default: without end, as with express-session. */
  lifetime?: Duration | undefined
  /** The most that a session may hold, names and values as UTF-8. Default: 131072 (128 KiB). */
  maxBytes?: number | undefined
  /** The most values that a session may have. Default: 1000. */
  maxKeys?: number | undefined
  /** Told what happens to sessions, for logs and metrics. What it throws never breaks a request. Default: nobody. */
  onEvent?: OnEvent | undefined
}

export interface CheckedUntornOptions {
  readonly app: string | undefined
  readonly idleTimeout: number
  readonly lifetime: number
  readonly maxBytes: number
  readonly maxKeys: number
  readonly onEvent: OnEvent | undefined
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  merge: 'two requests that change one value',
  serializer: 'values that JSON does not know',
  onStoreError: 'answering while the store is down',
  clearSiteData: 'clearing what pages have left behind',
  maxPerOwner: 'owners and their devices',
  onMaxPerOwner: 'owners and their devices',
  describe: 'owners and their devices',
}

/** Throws {@link InvalidOptionError}. */
export function checkUntornOptions(given: object): CheckedUntornOptions {
  const all = given as Record<string, unknown>
  for (const [name, what] of Object.entries(ELSEWHERE)) {
    if (all[name] === undefined) continue
    throw new InvalidOptionError(
      name,
      `for ${what} use \`sessions()\` of untorn/express; here there is no such option`,
    )
  }
  const { app, idleTimeout, lifetime, maxBytes, maxKeys, onEvent } = all
  const numberOr = (name: string, value: unknown, byDefault: number): number =>
    value === undefined ? byDefault : asWholeNumber(name, value, { from: 1 })
  return {
    app: app === undefined ? undefined : asText('app', app),
    idleTimeout: asMilliseconds('idleTimeout', idleTimeout ?? '1d'),
    lifetime: lifetime === undefined ? Number.POSITIVE_INFINITY : asMilliseconds('lifetime', lifetime),
    maxBytes: numberOr('maxBytes', maxBytes, defaults.maxBytes),
    maxKeys: numberOr('maxKeys', maxKeys, defaults.maxKeys),
    onEvent: onEvent === undefined ? undefined : asFunction<OnEvent>('onEvent', onEvent),
  }
}
