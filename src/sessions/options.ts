import type { SessionStore } from '../contract/store.ts'
import { type CookieOptions, type CookieSettings, cookieDefaults } from '../cookie/options.ts'
import type { Duration } from '../options/duration.ts'
import type { Limit } from '../owners/limit.ts'
import type { ClearSiteData } from '../session/clearable.ts'
import type { OnEvent } from '../session/events.ts'
import type { Settings } from '../session/settings.ts'
import type { AnyData, KeyOf } from '../values/data.ts'
import type { Merge } from '../values/merge.ts'
import type { Serializer } from '../values/serializer.ts'

/** What `createSessions` takes. Everything has a default, and everything is checked when it is called. */
export interface SessionsOptions<Data extends object = AnyData> {
  /** Where sessions are kept. Default: `fileStore('./.sessions')`. */
  store?: SessionStore
  cookie?: CookieOptions
  /**
   * The name of this application, where several keep their sessions in one store: it is mixed into the keys, so that an id is
   * valid in the application that gave it out, and unknown in the others. Default: none. Who sets or changes it signs
   * everybody out.
   */
  app?: string
  /**
   * How long a session lives at least without being used, as milliseconds or a text such as `'30m'`. The store hears of a use
   * at most every tenth of it, so a session ends up to that tenth later; never sooner. Where a rule names the most, give ten
   * elevenths of it, as `presets` do. One that is made shorter holds for a session that there is already from its next use on
   * (with `rolling: false`, its next change), and one that nobody uses again ends when it would have; `lifetime` holds for all
   * at once. Default: `'30m'`, or the `lifetime` where that is shorter.
   */
  idleTimeout?: Duration
  /** How long a session lives at most, however much it is used, those that there are already included. Default: `'7d'`. */
  lifetime?: Duration
  /**
   * Whether reading counts as use. Default: `true`. With `false` a session lives `idleTimeout` from its last change
   * of a value, or from `session.touch()`.
   */
  rolling?: boolean
  /**
   * How to resolve values that two requests changed at once: `{ cart: union, views: counter }`, or a function of what
   * was read, what this request made of it, and what is stored now. Default: none; the last to be saved stays.
   */
  merge?: { readonly [Key in KeyOf<Data>]?: Merge<Data[Key]> }
  /**
   * Turns values into text in place of JSON, so that Dates, Maps and more come back as they were: `devalue` and
   * `superjson` fit, and so does one that encrypts: a value is saved when it has changed, whatever its text is. Default:
   * JSON, with a check of what JSON would lose.
   */
  serializer?: Serializer
  /** The most that a session may hold, keys and values as UTF-8. Default: 131072 (128 KiB). */
  maxBytes?: number
  /** The most values that a session may have. Default: 1000. */
  maxKeys?: number
  /** How deep one value may be nested; without a `serializer` only. Default: 32. */
  maxDepth?: number
  /**
   * How often a save is tried again that met another one, where that matters (`update`, `merge`, `take`,
   * `regenerate`). Default: 100.
   */
  retries?: number
  /**
   * What becomes of a request when the store fails (`StoreUnavailableError`, `StoreBusyError`). Default: `'fail'`, the
   * error goes to the request.
   *
   * With `'anonymous'` visitors whose session can't be loaded are answered as those without a session, so that public
   * pages stay up through an outage. The cookie stays, and they are signed in again when the store is back. Values that
   * are set meanwhile last as long as the request; the event `degraded` tells of it. The same holds for a visitor
   * without a session whose first values can't be stored.
   *
   * What would be a lie still fails. `save()`, `regenerate()`, `destroy()` and `reload()` of such a session throw, and a
   * request that does not wait for one of them gets the error: no sign-out looks as if it had worked, and no sign-in
   * that calls `regenerate()`. A request whose session was loaded and whose changes can't be saved fails, too.
   *
   * Set it where an anonymous answer is better than none. Leave it where a session protects something by being there,
   * such as a count of failed attempts: it is empty then.
   */
  onStoreError?: 'fail' | 'anonymous'
  /**
   * What browsers are to clear when a visitor signs out: `['cache', 'storage']` is what pages have left behind, with `cache` the
   * page that Back would show, too. The answer to a request that has called `destroy()` (`logout()`) and had a cookie says so in
   * the header `Clear-Site-Data`, beside what the handler has set there. Default: `[]`, nothing.
   *
   * Browsers do it over https alone, each in its own way, and some take seconds for `cache`. The session's cookie is removed
   * without it; `cookies`, which is in `*`, takes every cookie of the whole site, other subdomains and a session that begins after
   * `destroy()` included.
   *
   * The adapters send it. Who opens sessions by hand sends it with the answer: `Clear-Site-Data: "cache", "storage"`.
   */
  clearSiteData?: readonly ClearSiteData[]
  /**
   * On how many devices an owner may be signed in at a time, from 1 on. Default: on any number. Who clicks on "sign in" twice
   * is on one; so is a browser that signs in again.
   */
  maxPerOwner?: number
  /**
   * What becomes of one more: `'end-oldest'` ends the device that was signed in on first, `'refuse'` lets `login()` throw
   * `TooManySessionsError`. Default: `'end-oldest'`. Of several at once there is never one too many; with `'refuse'` both may
   * be refused.
   */
  onMaxPerOwner?: 'end-oldest' | 'refuse'
  /**
   * What to note of the device that somebody signs in on, for the list of `session.devices()`: `(request) => ({ browser:
   * request.headers['user-agent'] })`. It is called by `login()` with the request as the framework has it, and says it at once,
   * as JSON of at most 1024 bytes; what can't be kept is left out, and the event `error` tells. Default: nothing.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a request is whatever the framework has
  describe?: (request: any) => unknown
  /** Told what happens to sessions, for logs and metrics. What it throws never breaks a request. Default: nobody. */
  onEvent?: OnEvent
}

/** Every default. */
export const defaults = {
  cookie: cookieDefaults,
  idleTimeout: '30m',
  lifetime: '7d',
  rolling: true,
  maxBytes: 128 * 1024,
  maxKeys: 1000,
  maxDepth: 32,
  retries: 100,
  onStoreError: 'fail',
  clearSiteData: [],
  onMaxPerOwner: 'end-oldest',
} as const satisfies SessionsOptions

/** {@link SessionsOptions} after the check: durations in milliseconds, nothing shared with the caller's object. */
export interface CheckedOptions extends Settings {
  store: SessionStore | undefined
  app: string | undefined
  cookie: CookieSettings
  serializer: Serializer | undefined
  maxDepth: number
  limit: Limit | undefined
  describe: ((request: unknown) => unknown) | undefined
  onEvent: OnEvent | undefined
}
