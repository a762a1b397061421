import { type SessionKey, sessionKey, shortKey } from '../record/key.ts'
import type { SessionRecord } from '../record/record.ts'
import { isPromise, type MaybePromise } from '../record/steps.ts'
import type { SessionActions } from '../session/actions.ts'
import type { AnyData } from '../session/data.ts'
import type { ValueRules } from '../session/resolve.ts'
import { createCodec } from '../session/serialise.ts'
import { Session } from '../session/session.ts'
import { SessionState } from '../session/state.ts'
import type { SessionStore } from '../store.ts'
import { fileStore } from '../stores/file/file-store.ts'
import { checkOptions } from './check-options.ts'
import { commit, destroy, dueCookie, reload, save } from './commit.ts'
import { SessionCookie } from './cookie.ts'
import { isStoreFailure } from './detached.ts'
import type { SessionEvent } from './events.ts'
import { Expiry, expiryText } from './expiry.ts'
import { isOver } from './lost.ts'
import { isMoved } from './moved.ts'
import type { SessionsOptions } from './options.ts'
import type { Policy } from './policy.ts'
import { fateOfId, type IdFate } from './replaced.ts'
import { reporter, withheldWarning } from './report.ts'
import { expiresAt } from './save.ts'
import { take } from './take.ts'

/** What `open` has to know of a request besides its cookies. */
export interface RequestContext {
  /** The request came over https, to this server or to a proxy that it trusts. Default: true. */
  secure?: boolean
  /**
   * When it arrived, in milliseconds since the epoch. Default: now. Say it where a session is opened later than that, for
   * late is told by it: a request that shows an id which was replaced after it arrived must not begin a session.
   */
  arrivedAt?: number
}

/** The sessions of one application. */
export interface Sessions<Data extends object = AnyData> {
  readonly store: SessionStore
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
  /** Tells the option `onEvent`; an exception in it is a warning, and never breaks a request. */
  report(event: SessionEvent): void
  /** Closes the store, so that the process can exit. */
  close(): MaybePromise<void>
}

/**
 * Sessions, in files under `./.sessions` if no `store` is named. Throws `InvalidOptionError` for an option that can't
 * be used, `CookieTooLargeError`, and what the store throws where it is set up.
 *
 * ```ts
 * const sessions = createSessions<{ views: number }>({ idleTimeout: '1h' })
 * const session = await sessions.open(request.headers.cookie, { secure: true })
 * const views = session.update('views', (n = 0) => n + 1)
 * const setCookie = await session.commit()
 * ```
 */
export function createSessions<Data extends object = AnyData>(
  options: SessionsOptions<Data> = {},
): Sessions<Data> {
  return new OpenSessions<Data>(createPolicy(options))
}

function createPolicy(options: unknown): Policy {
  const settings = checkOptions(options)
  const cookie = new SessionCookie(settings.cookie, settings.lifetime)
  const report = reporter(settings.onEvent)
  const codec = createCodec({
    serializer: settings.serializer,
    maxDepth: settings.maxDepth,
    report: (error) => report({ type: 'error', error }),
  })
  return {
    settings,
    // The last step: nothing is opened on the disk for options that are wrong.
    store: settings.store ?? fileStore('./.sessions'),
    cookie,
    codec,
    expiry: new Expiry(settings, codec),
    report,
    warnWithheld: withheldWarning(),
  }
}

class OpenSessions<Data extends object> implements Sessions<Data> {
  readonly store: SessionStore
  readonly stats = { unknownIds: 0 }
  readonly report: (event: SessionEvent) => void
  readonly #policy: Policy
  readonly #rules: ValueRules
  readonly #actions: SessionActions

  constructor(policy: Policy) {
    this.store = policy.store
    this.report = policy.report
    this.#policy = policy
    this.#rules = { codec: policy.codec, merges: policy.settings.merges }
    this.#actions = actionsOf(policy)
  }

  open(cookieHeader: string | null | undefined, context?: RequestContext): MaybePromise<Session<Data>> {
    const secure = context?.secure ?? true
    // `Headers.get` says null where a header is missing.
    const found =
      cookieHeader === undefined || cookieHeader === null
        ? undefined
        : this.#policy.cookie.read(cookieHeader, secure)
    if (found === undefined) return this.#fresh(secure, false)
    if ('wrong' in found) {
      this.report({ type: found.wrong })
      return this.#fresh(secure, true)
    }
    const shown = { id: found.id, key: sessionKey(found.id), secure, arrivedAt: arrivalOf(context) }
    if (this.#policy.settings.onStoreError === 'fail') return this.#load(shown)
    try {
      const loading = this.#load(shown)
      return isPromise(loading) ? loading.catch((error) => this.#withoutStore(error, secure)) : loading
    } catch (error) {
      return this.#withoutStore(error, secure)
    }
  }

  close(): MaybePromise<void> {
    return this.store.close()
  }

  #load(shown: ShownId): MaybePromise<Session<Data>> {
    const record = this.store.load(shown.key)
    return isPromise(record)
      ? record.then((loaded) => this.#opened(shown, loaded))
      : this.#opened(shown, record)
  }

  #opened(shown: ShownId, record: SessionRecord | undefined): MaybePromise<Session<Data>> {
    const { id, key, secure, arrivedAt } = shown
    if (record === undefined || isMoved(record) || isOver(this.#policy, record)) {
      const fate = fateOfId(this.store, id, record, arrivedAt)
      return isPromise(fate) ? fate.then((known) => this.#unknown(shown, known)) : this.#unknown(shown, fate)
    }
    const request = { secure, clientHasCookie: true }
    return new Session<Data>(this.#actions, new SessionState(this.#rules, request, { id, key, record }))
  }

  /** Never with the id that was sent: whoever planted it would know the session's. */
  #unknown({ key, secure }: ShownId, { replaced, late }: IdFate): Session<Data> {
    if (!replaced) this.stats.unknownIds++
    this.report({ type: replaced ? 'replaced-id' : 'unknown-id', key: shortKey(key) })
    const state = new SessionState(this.#rules, { secure, clientHasCookie: true })
    if (late) state.late = key
    if (replaced) state.former = key
    return new Session<Data>(this.#actions, state)
  }

  #fresh(secure: boolean, clientHasCookie: boolean): Session<Data> {
    return new Session<Data>(this.#actions, new SessionState(this.#rules, { secure, clientHasCookie }))
  }

  /** In place of a session that could not be loaded. */
  #withoutStore(error: unknown, secure: boolean): Session<Data> {
    if (!isStoreFailure(error)) throw error
    const state = new SessionState(this.#rules, { secure, clientHasCookie: true })
    state.detached = { error, reported: false }
    return new Session<Data>(this.#actions, state)
  }
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

function actionsOf(policy: Policy): SessionActions {
  return {
    save: (state) => save(policy, state),
    commit: (state) => commit(policy, state),
    dueCookie: (state) => dueCookie(policy, state),
    reload: (state) => reload(policy, state),
    take: (state, key) => take(policy, state, key),
    destroy: (state) => destroy(policy, state),
    expiresAt: (state) => expiresAt(policy, state),
    expiryText,
  }
}
