import { types } from 'node:util'
import { assertSessionKey } from '../contract/check.ts'
import { isNoSession, type SessionKey, sessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import type { SessionStore } from '../contract/store.ts'
import { turnsOf } from '../contract/turns.ts'
import { after, attempt, isPromise, type MaybePromise } from '../contract/wait.ts'
import { IdCookie } from '../cookie/cookie.ts'
import { invalidArgument } from '../errors.ts'
import { reporter } from '../events/reporter.ts'
import { warningOnce } from '../events/warn-once.ts'
import { Clock } from '../session/clock.ts'
import { detachedBy, isStoreFailure } from '../session/detached.ts'
import type { SessionEvent } from '../session/events.ts'
import { Expiry } from '../session/expiry.ts'
import { KeyedSession } from '../session/keyed-session.ts'
import { isMoved, loadSession } from '../session/moved.ts'
import type { Policy } from '../session/policy.ts'
import { fateOfId, type IdFate } from '../session/replaced.ts'
import { Session } from '../session/session.ts'
import { FRESH, live, type Standing } from '../session/standing.ts'
import { type RequestFacts, SessionState } from '../session/state.ts'
import { type AnyData, isReserved } from '../values/data.ts'
import { createCodec } from '../values/serialise.ts'
import { checkOptions } from './check-options.ts'
import type { CheckedOptions, SessionsOptions } from './options.ts'
import { countSessions, ping } from './whole-store.ts'

/** What `open` has to know of a request besides its cookies. */
export interface RequestContext {
  /** The request came over https, to this server or to a proxy that it trusts. Default: true. */
  secure?: boolean
  /**
   * When it arrived, in milliseconds since the epoch by the clock of this process, as `Date.now()` gives it. Default: now. Say it where a session is opened later than that: a
   * request that shows an id which was replaced after it arrived must not begin a session.
   */
  arrivedAt?: number
}

/** The sessions of one application. */
export interface Sessions<Data extends object = AnyData> {
  readonly store: SessionStore
  /** The cookie that they are found by: its name without a prefix, and the part of the site that gets it. */
  readonly cookie: { readonly name: string; readonly path: string }
  /** Counted since the start. */
  readonly stats: {
    /** Well-formed ids that no store knew: a rise of them is what guessing looks like. */
    readonly unknownIds: number
  }
  /**
   * The session of a request, by its `Cookie` header. Without a cookie, or with one that names no session, it is a
   * new one with another id, and nothing is stored until something is put in it. With an id that `regenerate()` has
   * replaced after the request arrived, or a few seconds before, nothing is stored (`SessionGoneError`) unless it calls
   * `regenerate()` or `destroy()` itself: its cookie would take the place of the sign-in's. Throws only what the store throws, and with the option
   * `onStoreError: 'anonymous'` not even that: see there.
   */
  open(cookieHeader: string | null | undefined, context?: RequestContext): MaybePromise<Session<Data>>
  /**
   * A session by its key, as listings and events name it (`sessionKey(id)`), without a request of its visitor: for background
   * work and administrators. `undefined`: there is none, it has expired, was ended, or has another id since. It is saved with
   * `save()`; `id`, `regenerate` and `rotate` are a `MisuseError` (`UNTORN_MISUSE`), and nothing ever begins a session. Reading
   * it is use of it only if it is saved. Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for what is no key, and what the store
   * throws.
   */
  openKey(key: SessionKey): MaybePromise<Session<Data> | undefined>
  /**
   * About how many sessions there are: what has expired or was ended and is not removed yet may count. A store that can't
   * count by itself is read through. Throws what the store throws.
   */
  count(): MaybePromise<number>
  /**
   * Whether the store answers, for a health check: asks it for a session that does not exist, which is one short command of
   * Redis or PostgreSQL and one look into the directory of a file store. It changes nothing, so it doesn't notice a full disk.
   *
   * Rejects with `StoreUnavailableError` (`UNTORN_STORE_UNAVAILABLE`) where the store can't be used, or has not answered within
   * 5 seconds or its own `deadline`, with `StoreBusyError` (`UNTORN_STORE_BUSY`), `StoreConfigError` (`UNTORN_STORE_CONFIG`), and
   * with `MisuseError` (`UNTORN_MISUSE`) after `close()`.
   */
  ping(): Promise<void>
  /**
   * The values in a record, by their names, as the application has set them: for who has a record of the store's, by
   * its key or from a listing. One that can't be read is left out, and the event `error` tells of it. To change them
   * changes nothing that is stored. Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for what is no record.
   *
   * ```ts
   * for await (const [, record] of store.records()) count(sessions.valuesOf(record).user)
   * ```
   */
  valuesOf(record: Pick<SessionRecord, 'values'>): Partial<Data>
  /** Tells the option `onEvent`; an exception in it is a warning, and never breaks a request. */
  report(event: SessionEvent): void
  /** Closes the store, so that the process can exit. */
  close(): MaybePromise<void>
}

/**
 * Sessions by options; `defaultStore` makes the store where they name none. Throws
 * `InvalidOptionError` and what {@link createPolicy} throws.
 */
export function createSessionsOver<Data extends object = AnyData>(
  options: SessionsOptions<Data>,
  defaultStore: () => SessionStore,
): Sessions<Data> {
  const settings = checkOptions(options)
  return new OpenSessions<Data>(createPolicy(settings, defaultStore), settings.cookie)
}

const COOKIE_WITHHELD =
  'The session cookie was not sent: it is for https only, and the request did not come over https. If a proxy ends ' +
  "TLS before this server, say that it is trusted (Express: app.set('trust proxy', 1); node:http: " +
  "trustProxy: true). For development without https set cookie.secure to 'auto'."

/** Throws `CookieTooLargeError`, and what the store throws where it is set up. */
function createPolicy(settings: CheckedOptions, defaultStore: () => SessionStore): Policy {
  const cookie = new IdCookie(settings.cookie, settings.lifetime)
  const report =
    settings.onEvent === undefined ? () => {} : reporter<SessionEvent>(settings.onEvent, 'untorn')
  // Nothing is opened on the disk for options that are wrong: what comes behind this can't fail.
  const store = settings.store ?? defaultStore()
  const clock = new Clock(store)
  const now = () => clock.known
  const codec = createCodec({
    now,
    serializer: settings.serializer,
    maxDepth: settings.maxDepth,
    report: (error) => report({ type: 'error', error }),
  })
  return {
    settings,
    store,
    app: settings.app,
    clock,
    turns: turnsOf(store),
    cookie,
    rules: { codec, merges: settings.merges, now },
    expiry: new Expiry(settings, codec),
    report,
    warnWithheld: warningOnce('UNTORN_COOKIE_WITHHELD', COOKIE_WITHHELD),
  }
}

class OpenSessions<Data extends object> implements Sessions<Data> {
  readonly store: SessionStore
  readonly cookie: Sessions['cookie']
  readonly stats = { unknownIds: 0 }
  readonly report: (event: SessionEvent) => void
  readonly #policy: Policy

  constructor(policy: Policy, { name, path }: Sessions['cookie']) {
    this.store = policy.store
    this.cookie = { name, path }
    this.report = policy.report
    this.#policy = policy
  }

  open(cookieHeader: string | null | undefined, context?: RequestContext): MaybePromise<Session<Data>> {
    const secure = context?.secure ?? true
    // `Headers.get` says null where a header is missing.
    const found =
      cookieHeader === undefined || cookieHeader === null
        ? undefined
        : this.#policy.cookie.read(cookieHeader, secure)
    if (found === undefined) return this.#session({ secure, clientHasCookie: false }, FRESH)
    if ('wrong' in found) {
      this.report({ type: found.wrong })
      return this.#session({ secure, clientHasCookie: true }, FRESH)
    }
    const shown = {
      id: found.id,
      key: sessionKey(found.id, this.#policy.app),
      secure,
      arrivedAt: arrivalOf(context),
    }
    if (this.#policy.settings.onStoreError === 'fail') return this.#load(shown)
    return attempt(
      () => this.#load(shown),
      (error) => this.#withoutStore(error, secure),
    )
  }

  openKey(key: SessionKey): MaybePromise<Session<Data> | undefined> {
    assertSessionKey(key)
    if (isNoSession(key)) return undefined
    return after(loadSession(this.store, key), (record) => {
      if (record === undefined) return undefined
      return after(this.#policy.clock.now(), (now) => this.#keyed(key, record, now))
    })
  }

  count(): MaybePromise<number> {
    return countSessions(this.store)
  }

  ping(): Promise<void> {
    return ping(this.store)
  }

  valuesOf(record: Pick<SessionRecord, 'values'>): Partial<Data> {
    const { codec } = this.#policy.rules
    const names = namesIn(record).filter((name) => !isReserved(name))
    const values = names.map((name) => [name, codec.parse(name, record.values.get(name)!)] as const)
    return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Partial<Data>
  }

  close(): MaybePromise<void> {
    return this.store.close()
  }

  #load(shown: ShownId): MaybePromise<Session<Data>> {
    return after(this.store.load(shown.key), (record) => this.#opened(shown, record))
  }

  #opened(shown: ShownId, record: SessionRecord | undefined): MaybePromise<Session<Data>> {
    if (record === undefined || isMoved(record)) return this.#withoutSession(shown, record)
    const now = this.#policy.clock.now()
    return isPromise(now) ? now.then((time) => this.#at(time, shown, record)) : this.#at(now, shown, record)
  }

  #at(now: number, shown: ShownId, record: SessionRecord): MaybePromise<Session<Data>> {
    if (this.#policy.expiry.isOver(record, now)) return this.#withoutSession(shown, record)
    const { id, key, secure } = shown
    return this.#session({ secure, clientHasCookie: true }, live({ id, key, record }))
  }

  /** `record`: what is left of one. */
  #withoutSession(shown: ShownId, record: SessionRecord | undefined): MaybePromise<Session<Data>> {
    const { id, arrivedAt } = shown
    return after(fateOfId(this.#policy, id, record, arrivedAt), (fate) => this.#unknown(shown, fate))
  }

  #keyed(key: SessionKey, record: SessionRecord, now: number): Session<Data> | undefined {
    const policy = this.#policy
    if (policy.expiry.isOver(record, now)) return undefined
    return new KeyedSession<Data>(new SessionState(policy, NO_REQUEST, live({ id: '', key, record })))
  }

  /** Never with the id that was sent: whoever planted it would know the session's. */
  #unknown({ key, secure }: ShownId, { replaced, late }: IdFate): Session<Data> {
    if (!replaced) this.stats.unknownIds++
    this.report({ type: replaced ? 'replaced-id' : 'unknown-id', key: shortKey(key) })
    const request = { secure, clientHasCookie: true }
    if (!replaced && !late) return this.#session(request, FRESH)
    const former = replaced ? key : undefined
    return this.#session(request, { kind: 'replaced', shown: key, former, late, wanted: false })
  }

  /** In place of a session that could not be loaded. */
  #withoutStore(error: unknown, secure: boolean): Session<Data> {
    if (!isStoreFailure(error)) throw error
    return this.#session({ secure, clientHasCookie: true }, detachedBy(error))
  }

  #session(request: RequestFacts, standing: Standing): Session<Data> {
    return new Session<Data>(new SessionState(this.#policy, request, standing))
  }
}

const NO_REQUEST: RequestFacts = { secure: false, clientHasCookie: false, byKey: true }

/** Of a record that an application has got from somewhere: from a load that has found none, perhaps. */
function namesIn(record: Pick<SessionRecord, 'values'>): string[] {
  const values: unknown = record?.values
  if (types.isMap(values)) return [...record.values.keys()]
  throw invalidArgument('record', 'a record is needed, as a store loads or lists it')
}

/** An id that a client has sent, with its request. */
interface ShownId {
  id: string
  key: SessionKey
  secure: boolean
  arrivedAt: number
}

/** Throws `TypeError` for what is no moment: a request that seems to have come long ago could begin no session. */
function arrivalOf(context: RequestContext | undefined): number {
  const arrivedAt = context?.arrivedAt ?? Date.now()
  if (Number.isFinite(arrivedAt)) return arrivedAt
  throw new TypeError('`arrivedAt` is a number of milliseconds since the epoch, as `Date.now()` gives it.')
}
