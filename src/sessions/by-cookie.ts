import { type SessionKey, sessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { after, attempt, isPromise, type MaybePromise, run, type Steps, settled } from '../contract/wait.ts'
import type { Leftovers } from '../cookie/cookie.ts'
import { warningOnce } from '../events/warn-once.ts'
import { type Belonging, belongingOf } from '../owners/belonging.ts'
import { adopt, lookForForeign } from '../session/adopt.ts'
import { detachedBy, isStoreFailure } from '../session/detached.ts'
import { isMoved } from '../session/moved.ts'
import type { Policy } from '../session/policy.ts'
import { fateOfId, type IdFate } from '../session/replaced.ts'
import type { RequestContext } from '../session/request-context.ts'
import { Session } from '../session/session.ts'
import { FRESH, live, type Standing, type Stored } from '../session/standing.ts'
import { type RequestFacts, SessionState } from '../session/state.ts'
import type { AnyData } from '../values/data.ts'

const DUPLICATE_COOKIE =
  'A request brought several session cookies of one name, with different values. Of these the one that names a session is ' +
  'used; where several do, none is. A browser has two where `cookie.domain`, `cookie.path` or `cookie.partitioned` was ' +
  'changed: say what it was in `cookie.formerly`, such as `cookie: { formerly: [{ domain: "example.com" }] }`, and the older ' +
  'one is removed. Where another application of this host has a cookie of the same name, set another `cookie.name`.'

/** Which session a request has, by what its `Cookie` header shows. */
export class SessionsByCookie<Data extends object = AnyData> {
  /** As `Sessions` shows them. */
  readonly stats = { unknownIds: 0 }
  readonly #policy: Policy
  readonly #warnDuplicate = warningOnce('UNTORN_DUPLICATE_COOKIE', DUPLICATE_COOKIE)

  constructor(policy: Policy) {
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

  #tellOfWrong(wrong: 'malformed-cookie' | 'duplicate-cookie', leftovers: Leftovers | undefined): void {
    this.#policy.report({ type: wrong })
    if (wrong === 'duplicate-cookie' && !leftovers?.used) this.#warnDuplicate()
  }

  #load(shown: ShownIds): MaybePromise<Session<Data>> {
    const [id, another] = shown.ids
    if (another !== undefined) return run(this.#loadSeveral(shown))
    if (id === undefined) return run(this.#loadForeign(shown))
    const key = sessionKey(id, this.#policy.app)
    return after(this.#policy.store.load(key), (record) => this.#opened(shown, { id, key, record }))
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
      this.#policy.report({ type: 'duplicate-cookie' })
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
      const loaded = { id, key, record: yield* settled(this.#policy.store.load(key)) }
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
    this.#policy.report({ type, key: shortKey(key) })
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
