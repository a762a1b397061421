import { types } from 'node:util'
import { assertSessionKey } from '../contract/check.ts'
import { isNoSession, type SessionKey, sessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import type { SessionStore } from '../contract/store.ts'
import { turnsOf } from '../contract/turns.ts'
import { after, attempt, isPromise, type MaybePromise, run, type Steps, settled } from '../contract/wait.ts'
import { IdCookie, type Leftovers } from '../cookie/cookie.ts'
import { invalidArgument } from '../errors.ts'
import { reporter } from '../events/reporter.ts'
import { warningOnce } from '../events/warn-once.ts'
import { endEverything } from '../owners/application.ts'
import { type Belonging, belongingOf } from '../owners/belonging.ts'
import { endAll, endDevice } from '../owners/end.ts'
import { adopt, lookForForeign } from '../session/adopt.ts'
import { Afterwards } from '../session/afterwards.ts'
import { Clock } from '../session/clock.ts'
import { detachedBy, isStoreFailure } from '../session/detached.ts'
import { assertHandle, type Device, devicesOf, Listed } from '../session/devices.ts'
import { lookForEnd } from '../session/end-look.ts'
import { Ends } from '../session/ends.ts'
import type { SessionEvent } from '../session/events.ts'
import { Expiry } from '../session/expiry.ts'
import { KeyedSession } from '../session/keyed-session.ts'
import { isMoved, loadSession } from '../session/moved.ts'
import type { Policy } from '../session/policy.ts'
import { registryOf } from '../session/registry.ts'
import { fateOfId, type IdFate } from '../session/replaced.ts'
import type { RequestContext } from '../session/request-context.ts'
import { Session } from '../session/session.ts'
import { checkedOwner } from '../session/sign-in-options.ts'
import { FRESH, live, type Standing, type Stored } from '../session/standing.ts'
import { type RequestFacts, SessionState } from '../session/state.ts'
import { COOKIE_WITHHELD } from '../session/withheld.ts'
import { type AnyData, isReserved } from '../values/data.ts'
import { createCodec } from '../values/serialise.ts'
import { checkOptions } from './check-options.ts'
import type { CheckedOptions, SessionsOptions } from './options.ts'
import { clearSessions, countSessions, liveSessions, ping } from './whole-store.ts'

/** The sessions of one application. */
export interface Sessions<Data extends object = AnyData> {
  readonly store: SessionStore
  /** The cookie that they are found by: its name without a prefix, and the part of the site that gets it. */
  readonly cookie: { readonly name: string; readonly path: string }
  /** Counted since the start. */
  readonly stats: {
    /**
     * Well-formed ids that no store knew. Who comes back after a session has ended shows its id once, as the cookie is removed
     * with the answer. So it follows the number of visitors who come back; where it rises without them, and the same client
     * shows one id after the other, somebody is guessing. Malformed cookies, several at a time, and ids that have been
     * replaced are not in it: they have events of their own.
     */
    readonly unknownIds: number
  }
  /**
   * The session of a request, by its `Cookie` header. Without a cookie, or with one that names no session, it is a
   * new one with another id, and nothing is stored until something is put in it. With an id that a
   * sign-in or `rotate()` has replaced after the request arrived, or a few seconds before, nothing is stored
   * (`SessionGoneError`) unless it calls `login()`, `rotate()` or `logout()` itself: its cookie would take the place of the
   * sign-in's. Throws only what the store throws, and with the option `onStoreError: 'anonymous'` not even that: see there.
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
  /**
   * Where an owner is signed in, the latest first: `for await (const device of sessions.list(owner))`, or `await` for all of them.
   * For administrators; a visitor has `session.devices()`. A `TypeError` (`UNTORN_INVALID_ARGUMENT`) for an owner that is no
   * text, empty or longer than 2048 bytes, as all that takes one. Rejects with what the store throws.
   */
  list(owner: string): Listed<Device>
  /**
   * Ends one device of an owner's, by its handle. `false`: they have none of that name. Throws what the store throws.
   */
  revoke(owner: string, handle: string): MaybePromise<boolean>
  /**
   * Ends all sessions of an owner: once it has returned none works that was signed in before, in any process, one neither that is
   * being signed in, or given a new id, at this moment. Whoever signs in afterwards is signed in. A sign-in whose request
   * arrived before gets `SignInRevokedError`, that of the same request as well: one that sets a new password and signs in calls
   * `login()`, then `session.revokeOthers()`. If it throws what the store throws, it may have done some of it: call it again.
   */
  revokeAll(owner: string): MaybePromise<void>
  /**
   * The same for all owners: whoever has signed in has to do it again. Sessions that nobody has signed in to stay. It reads
   * through the store. If it rejects, call it again.
   */
  revokeEverything(): Promise<void>
  /** Every live session with its key, in no order; one that comes or goes meanwhile may be missed or met. */
  all(): AsyncIterable<[SessionKey, SessionRecord]>
  /**
   * Ends every session that a listing meets, and returns how many. One that begins meanwhile, or is given a new id, may stay; to
   * be sure of those that somebody has signed in to call {@link revokeEverything}. With `app`, those of all applications in the
   * store. Rejects with what the store throws.
   */
  clear(): Promise<number>
  /** Tells the option `onEvent`; an exception in it is a warning, and never breaks a request. */
  report(event: SessionEvent): void
  /** Closes the store, so that the process can exit. Whoever listens for the end of a session (`onEnd`) hears nothing more. */
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

const CROSS_SITE =
  'A session was to begin in a request that a page of another site has caused. It was not stored, and no cookie was sent: ' +
  'such a request comes without the cookie of a visitor who has one, and a new one would take its place. A sign-in that ' +
  'comes from another site (SAML, form_post) calls `session.login()` or `session.rotate()`. Where pages of other sites embed this one, set ' +
  "`cookie.sameSite: 'none'`. Of others the event `cross-site` tells; see the option `onEvent`."

const COOKIE_LAX =
  "The session cookie was sent as SameSite=Lax and not as `cookie.sameSite: 'none'` says: browsers take None over https " +
  'alone, and the request did not come over https. Pages of other sites get no session. Serve it over https; if a proxy ends ' +
  "TLS before this server, say that it is trusted (Express: app.set('trust proxy', 1); node:http: trustProxy: true)."

const DUPLICATE_COOKIE =
  'A request brought several session cookies of one name, with different values. Of these the one that names a session is ' +
  'used; where several do, none is. A browser has two where `cookie.domain`, `cookie.path` or `cookie.partitioned` was ' +
  'changed: say what it was in `cookie.formerly`, such as `cookie: { formerly: [{ domain: "example.com" }] }`, and the older ' +
  'one is removed. Where another application of this host has a cookie of the same name, set another `cookie.name`.'

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
  const afterwards = new Afterwards((error) => report({ type: 'error', error }))
  const ends = new Ends({ look: (seen) => run(lookForEnd(policy, seen)), report })
  const policy: Policy = {
    settings,
    registry: registryOf({ settings, store, clock, afterwards, ends, report }),
    afterwards,
    limit: settings.limit,
    describe: settings.describe,
    store,
    app: settings.app,
    clock,
    turns: turnsOf(store),
    cookie,
    rules: { codec, merges: settings.merges, now },
    expiry: new Expiry(settings, codec),
    ends,
    report,
    warnWithheld: warningOnce('UNTORN_COOKIE_WITHHELD', COOKIE_WITHHELD),
    warnCrossSite: warningOnce('UNTORN_CROSS_SITE', CROSS_SITE),
    warnWeakened: warningOnce('UNTORN_COOKIE_LAX', COOKIE_LAX),
  }
  return policy
}

class OpenSessions<Data extends object> implements Sessions<Data> {
  readonly store: SessionStore
  readonly cookie: Sessions['cookie']
  readonly stats = { unknownIds: 0 }
  readonly report: (event: SessionEvent) => void
  readonly #policy: Policy
  readonly #warnDuplicate = warningOnce('UNTORN_DUPLICATE_COOKIE', DUPLICATE_COOKIE)

  constructor(policy: Policy, { name, path }: Sessions['cookie']) {
    this.store = policy.store
    this.cookie = { name, path }
    this.report = policy.report
    this.#policy = policy
  }

  open(cookieHeader: string | null | undefined, context?: RequestContext): MaybePromise<Session<Data>> {
    const secure = context?.secure ?? true
    const arrivedAt = arrivalOf(context)
    // `Headers.get` says null where a header is missing.
    const found =
      cookieHeader === undefined || cookieHeader === null
        ? undefined
        : this.#policy.cookie.read(cookieHeader, secure)
    if (found === undefined) {
      return this.#session(
        { secure, arrivedAt, context, clientHasCookie: false, leftovers: undefined, dead: NOBODY },
        FRESH,
      )
    }
    const { ids, accepted, leftovers } = found
    const request = { secure, arrivedAt, context, clientHasCookie: true, leftovers, dead: NOBODY }
    if (found.wrong !== undefined) this.#tellOfWrong(found.wrong, leftovers)
    if (ids.length === 0 && accepted.length === 0) return this.#session(request, FRESH)
    if (found.tooMany && ids.length > 0)
      return this.#session(request, ambiguous([sessionKey(ids[0]!, this.#policy.app)], undefined))
    const shown = { ids, accepted, request }
    if (this.#policy.settings.onStoreError === 'fail') return this.#load(shown)
    return attempt(
      () => this.#load(shown),
      (error) => this.#withoutStore(error, request),
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

  list(owner: string): Listed<Device> {
    return new Listed(devicesOf(this.#policy, checkedOwner(owner)))
  }

  revoke(owner: string, handle: string): MaybePromise<boolean> {
    assertHandle(handle)
    return run(endDevice(this.#policy.registry, checkedOwner(owner), handle))
  }

  revokeAll(owner: string): MaybePromise<void> {
    return run(endAll(this.#policy.registry, checkedOwner(owner)))
  }

  revokeEverything(): Promise<void> {
    return endEverything(this.#policy.registry)
  }

  all(): AsyncIterable<[SessionKey, SessionRecord]> {
    return liveSessions(this.#policy)
  }

  clear(): Promise<number> {
    return clearSessions(this.store)
  }

  close(): MaybePromise<void> {
    this.#policy.ends.close()
    return after(this.#policy.afterwards.done(), () => this.store.close())
  }

  #tellOfWrong(wrong: 'malformed-cookie' | 'duplicate-cookie', leftovers: Leftovers | undefined): void {
    this.report({ type: wrong })
    if (wrong === 'duplicate-cookie' && !leftovers?.used) this.#warnDuplicate()
  }

  #load(shown: ShownIds): MaybePromise<Session<Data>> {
    const [id, another] = shown.ids
    if (another !== undefined) return run(this.#loadSeveral(shown))
    if (id === undefined) return run(this.#loadForeign(shown))
    const key = sessionKey(id, this.#policy.app)
    return after(this.store.load(key), (record) => this.#opened(shown, { id, key, record }))
  }

  /**
   * By ids of another library, most often one. Its session is one of ours from now on, as if its new id had been shown, and the
   * cookie follows. Where more than one has a session, none is meant, as with several of ours.
   */
  *#loadForeign({ accepted, request }: ShownIds): Steps<Session<Data>> {
    const known: string[] = []
    for (const id of accepted) {
      const isOnly = accepted.length === 1
      if (isOnly || (yield* lookForForeign(this.#policy, id)) !== undefined) known.push(id)
    }
    if (known.length > 1) {
      const keys = known.map((id) => sessionKey(id, this.#policy.app))
      this.report({ type: 'duplicate-cookie' })
      // Nobody knows which of them would be removed: the one that is the visitor's, perhaps.
      return this.#session({ ...request, leftovers: undefined }, ambiguous(keys, undefined))
    }
    const id = known.length === 1 ? yield* adopt(this.#policy, known[0]!) : undefined
    if (id === undefined) {
      for (const each of accepted) this.#tellOfUnknown('unknown-id', sessionKey(each, this.#policy.app))
      return this.#session(request, FRESH)
    }
    const { leftovers } = request
    const ours = { ...request, leftovers: leftovers && { ...leftovers, used: true }, dead: NOBODY }
    return yield* settled(this.#load({ ids: [id], accepted: NOBODY, request: ours }))
  }

  #opened(shown: ShownIds, loaded: Loaded): MaybePromise<Session<Data>> {
    if (!isStored(loaded)) return this.#withoutSession(shown, loaded)
    const now = this.#policy.clock.now()
    return isPromise(now) ? now.then((time) => this.#at(time, shown, loaded)) : this.#at(now, shown, loaded)
  }

  #at(now: number, shown: ShownIds, loaded: Stored): MaybePromise<Session<Data>> {
    if (this.#policy.expiry.isOver(loaded.record, now)) return this.#withoutSession(shown, loaded)
    return this.#session(shown.request, live(loaded))
  }

  /** Of several ids the one that has a session is meant. Where more than one has, it may be anybody's who could plant a cookie. */
  *#loadSeveral(shown: ShownIds): Steps<Session<Data>> {
    const known: Stored[] = []
    const unknown: Loaded[] = []
    for (const id of shown.ids) {
      const key = sessionKey(id, this.#policy.app)
      const loaded = { id, key, record: yield* settled(this.store.load(key)) }
      const now = yield* settled(this.#policy.clock.now())
      if (isStored(loaded) && !this.#policy.expiry.isOver(loaded.record, now)) known.push(loaded)
      else unknown.push(loaded)
    }
    const keys = known.map(({ key }) => key)
    if (keys.length > 1) {
      const whose = known.flatMap(({ record }) => belongingOf(record) ?? [])
      return this.#session(shown.request, ambiguous(keys, keys, whose))
    }
    if (known.length === 1) return this.#session(shown.request, live(known[0]!))
    const ids: UnknownId[] = []
    for (const { id, key, record } of unknown) {
      const fate = yield* settled(fateOfId(this.#policy, id, record, shown.request.arrivedAt))
      ids.push({ ...fate, id, key })
    }
    return yield* settled(this.#unknown(shown, ids))
  }

  #keyed(key: SessionKey, record: SessionRecord, now: number): Session<Data> | undefined {
    const policy = this.#policy
    if (policy.expiry.isOver(record, now)) return undefined
    return new KeyedSession<Data>(new SessionState(policy, NO_REQUEST, live({ id: '', key, record })))
  }

  #withoutSession(shown: ShownIds, { id, key, record }: Loaded): MaybePromise<Session<Data>> {
    return after(fateOfId(this.#policy, id, record, shown.request.arrivedAt), (fate) =>
      this.#unknown(shown, [{ ...fate, id, key }]),
    )
  }

  /** Never with an id that was sent: whoever planted it would know the session's. */
  #unknown({ accepted, request }: ShownIds, ids: readonly UnknownId[]): MaybePromise<Session<Data>> {
    for (const { replaced, key } of ids)
      this.#tellOfUnknown(replaced ? 'replaced-id-used' : 'unknown-id', key)
    const replaced = ids.filter((id) => id.replaced).map(({ key }) => key)
    const late = ids.some((id) => id.late)
    if (replaced.length === 0 && !late) {
      const gone = { ...request, dead: ids.map(({ id }) => id) }
      if (accepted.length === 0) return this.#session(gone, FRESH)
      return run(this.#loadForeign({ ids: NOBODY, accepted, request: gone }))
    }
    const former = replaced.length === 0 ? undefined : replaced
    const shown = replaced[0] ?? ids[0]!.key
    const whose = ids.flatMap((id) => id.whose ?? [])
    return this.#session(request, { kind: 'replaced', shown, former, whose, late, wanted: false })
  }

  #tellOfUnknown(type: 'unknown-id' | 'replaced-id-used', key: SessionKey): void {
    if (type === 'unknown-id') this.stats.unknownIds++
    this.report({ type, key: shortKey(key) })
  }

  /** In place of a session that could not be loaded. */
  #withoutStore(error: unknown, request: RequestFacts): Session<Data> {
    if (!isStoreFailure(error)) throw error
    return this.#session(request, detachedBy(error))
  }

  #session(request: RequestFacts, standing: Standing): Session<Data> {
    return new Session<Data>(new SessionState(this.#policy, request, standing))
  }
}

/** The ids that a client has sent, most often one, with its request. */
interface ShownIds {
  readonly ids: readonly string[]
  /** Of another library, where none of these leads to a session. */
  readonly accepted: readonly string[]
  readonly request: RequestFacts
}

/** An id, and what the store has of it. */
interface Loaded {
  readonly id: string
  readonly key: SessionKey
  readonly record: SessionRecord | undefined
}

/** A record that its session has left is none. */
function isStored(loaded: Loaded): loaded is Stored {
  return loaded.record !== undefined && !isMoved(loaded.record)
}

/** An id that has no session, and what is known of it. */
interface UnknownId extends IdFate {
  readonly id: string
  readonly key: SessionKey
}

const NOBODY: readonly string[] = []

const NO_REQUEST: RequestFacts = {
  secure: false,
  arrivedAt: 0,
  context: undefined,
  clientHasCookie: false,
  leftovers: undefined,
  dead: NOBODY,
  byKey: true,
}

/** Of a record that an application has got from somewhere: from a load that has found none, perhaps. */
function namesIn(record: Pick<SessionRecord, 'values'>): string[] {
  const values: unknown = record?.values
  if (types.isMap(values)) return [...record.values.keys()]
  throw invalidArgument('record', 'a record is needed, as a store loads or lists it')
}

/** Nobody can tell which of several sessions is the client's: none is used, and nothing is stored, as for a late request. */
function ambiguous(
  shown: readonly SessionKey[],
  former: readonly SessionKey[] | undefined,
  whose: readonly Belonging[] = [],
): Standing {
  return { kind: 'replaced', shown: shown[0]!, former, whose, late: true, wanted: false }
}

/** Throws `TypeError` for what is no moment: a request that seems to have come long ago could begin no session. */
function arrivalOf(context: RequestContext | undefined): number {
  const arrivedAt = context?.arrivedAt ?? Date.now()
  if (Number.isFinite(arrivedAt)) return arrivedAt
  throw new TypeError('`arrivedAt` is a number of milliseconds since the epoch, as `Date.now()` gives it.')
}
