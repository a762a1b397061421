import { types } from 'node:util'
import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import type { SessionStore } from '../contract/store.ts'
import { after, type MaybePromise, run } from '../contract/wait.ts'
import { invalidArgument } from '../errors.ts'
import { endEverything } from '../owners/application.ts'
import { endAll, endDevice } from '../owners/end.ts'
import { assertHandle, type Device, devicesOf, Listed } from '../session/devices.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Policy } from '../session/policy.ts'
import type { RequestContext } from '../session/request-context.ts'
import type { Session } from '../session/session.ts'
import { checkedOwner } from '../session/sign-in-options.ts'
import { type AnyData, isReserved } from '../values/data.ts'
import { SessionsByCookie } from './by-cookie.ts'
import { sessionByKey } from './by-key.ts'
import { checkOptions } from './check-options.ts'
import { createPolicy } from './create-policy.ts'
import type { SessionsOptions } from './options.ts'
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
  /**
   * Closes the store, so that the process can exit. Call it once the server has stopped: a request that is still under way finds the
   * store closed. Whoever listens for the end of a session (`onEnd`) hears nothing more.
   */
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

class OpenSessions<Data extends object> implements Sessions<Data> {
  readonly store: SessionStore
  readonly cookie: Sessions['cookie']
  readonly stats: Sessions['stats']
  readonly report: (event: SessionEvent) => void
  readonly #policy: Policy
  readonly #byCookie: SessionsByCookie<Data>

  constructor(policy: Policy, { name, path }: Sessions['cookie']) {
    this.store = policy.store
    this.cookie = { name, path }
    this.report = policy.report
    this.#policy = policy
    this.#byCookie = new SessionsByCookie<Data>(policy)
    this.stats = this.#byCookie.stats
  }

  open(cookieHeader: string | null | undefined, context?: RequestContext): MaybePromise<Session<Data>> {
    return this.#byCookie.open(cookieHeader, context)
  }

  openKey(key: SessionKey): MaybePromise<Session<Data> | undefined> {
    return sessionByKey<Data>(this.#policy, key)
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
}

/** Of a record that an application has got from somewhere: from a load that has found none, perhaps. */
function namesIn(record: Pick<SessionRecord, 'values'>): string[] {
  const values: unknown = record?.values
  if (types.isMap(values)) return [...record.values.keys()]
  throw invalidArgument('record', 'a record is needed, as a store loads or lists it')
}
