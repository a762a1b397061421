import { AsyncResource } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionKey } from '../contract/key.ts'
import type { GoneBecause } from '../contract/store.ts'
import type { MaybePromise } from '../contract/wait.ts'
import { MisuseError } from '../errors.ts'
import { callSafely } from '../events/reporter.ts'
import { warnOnce } from '../events/warn-once.ts'
import { type OfOwner, ofOwner } from '../owners/belonging.ts'
import { Slice } from '../stores/slice.ts'
import type { SessionEvent } from './events.ts'
import type { Stored } from './standing.ts'

/** What a listener of `session.onEnd` is told. */
export interface SessionEnd {
  /**
   * Why the session has ended: its visitor signed out, it has another id now, somebody ended it from elsewhere, its time was
   * up. `undefined`: nobody can tell. A session that nobody has signed in to leaves nothing behind that would say how it was
   * ended in another process.
   */
  why: GoneBecause | undefined
}

/** What `session.onEnd` calls. A promise that it returns is not waited for. */
export type OnEnd = (end: SessionEnd) => void

/** A session, with what was last seen of it. */
export interface Seen {
  readonly key: SessionKey
  /** Empty where it is known by its key alone. */
  readonly id: string
  readonly expiresAt: number
  /** Whose it is, if somebody has signed in to it. */
  readonly ofOwner: OfOwner | undefined
}

/** What a look finds: until when the session lives, or that it has ended. */
export type EndLook = { isThere: true; expiresAt: number } | ({ isThere: false } & SessionEnd)

/** What the listening needs of the sessions that it belongs to. */
export interface EndsPlan {
  look(seen: Seen): MaybePromise<EndLook>
  report(event: SessionEvent): void
  /** Milliseconds from one look to the next. Default: 5 seconds. */
  readonly every?: number
}

const LOOK_EVERY = 5000

/** Of the application's connections to its store no more than these are in use for it. */
const AT_ONCE = 4

/** So many ends are remembered, for whoever has loaded a session before its end, and comes to listen only then. */
const REMEMBERED = 1000

/** One listener; it has none any more once it was told, or does not want to be. */
export class Subscription {
  listener: OnEnd | undefined
  /** Where it is entered. */
  session: Listened | undefined

  constructor(listener: OnEnd) {
    this.listener = listener
  }
}

/** A session that somebody listens to. */
interface Listened extends Seen {
  id: string
  expiresAt: number
  readonly subscriptions: Set<Subscription>
}

/**
 * Who is to be told when a session ends. Whoever ends one in this process says so ({@link tell}), and the listeners know at
 * once. Of other processes nobody hears: while somebody listens, all sessions that are listened to are looked at again and
 * again. To look is no use of a session. A store that fails says nothing of them: it is asked again the next time.
 */
export class Ends {
  readonly #plan: EndsPlan
  /** The looks belong to no request: what one of them keeps for itself (`AsyncLocalStorage`) would live on with the timer. */
  readonly #ofNoRequest = new AsyncResource('untorn.ends')
  readonly #listened = new Map<SessionKey, Listened>()
  /** What was told last, whether somebody listened or not. */
  readonly #ended = new Map<SessionKey, GoneBecause | undefined>()
  /** There while somebody listens and no look is under way. */
  #next: NodeJS.Timeout | undefined
  #isLooking = false
  #isClosed = false
  /** A look has failed, and none since has come to its end without a failure. */
  #isFailing = false
  /** The look that is under way has. */
  #hasFailed = false

  constructor(plan: EndsPlan) {
    this.#plan = plan
  }

  /** How many sessions are listened to. */
  get size(): number {
    return this.#listened.size
  }

  /** From now on the end of a session is told, one that came since it was loaded as well; after {@link close} of none. */
  listen({ id, key, record }: Stored, subscription: Subscription): void {
    if (this.#isClosed || subscription.listener === undefined) return
    if (this.#ended.has(key)) {
      this.tellOne(subscription, this.#ended.get(key))
      return
    }
    let session = this.#listened.get(key)
    if (session === undefined) {
      const { expiresAt } = record
      session = { id, key, expiresAt, ofOwner: ofOwner(record), subscriptions: new Set() }
      this.#listened.set(key, session)
    }
    if (session.id === '') session.id = id
    session.subscriptions.add(subscription)
    subscription.session = session
    this.#timeNext()
  }

  /** Nothing is told any more. Calling it again does no harm. */
  stop(subscription: Subscription): void {
    const { session } = subscription
    subscription.listener = undefined
    subscription.session = undefined
    if (session === undefined) return
    session.subscriptions.delete(subscription)
    if (session.subscriptions.size === 0) this.#forget(session)
  }

  /** A session has ended: for whoever has ended it, once that is certain. Costs next to nothing where nobody listens. */
  tell(key: SessionKey, why: GoneBecause | undefined): void {
    this.#remember(key, why)
    const session = this.#listened.get(key)
    if (session === undefined) return
    this.#forget(session)
    for (const subscription of session.subscriptions) this.tellOne(subscription, why)
  }

  /** Why a session has ended, if that was told of late. */
  whyEnded(key: SessionKey): GoneBecause | undefined {
    return this.#ended.get(key)
  }

  /** Behind the work that is under way: what a listener does must not get into the midst of it. */
  tellOne(subscription: Subscription, why: GoneBecause | undefined): void {
    queueMicrotask(() => {
      const { listener } = subscription
      subscription.listener = undefined
      subscription.session = undefined
      if (listener !== undefined) callSafely(listener, { why }, (error) => this.#listenerFailed(error))
    })
  }

  /** A request has found a session gone: looks why, if somebody listens. */
  look(key: SessionKey): void {
    const session = this.#listened.get(key)
    if (session !== undefined) void this.#lookAt(session)
  }

  /** Ends every subscription, and tells nobody. */
  close(): void {
    this.#isClosed = true
    for (const { subscriptions } of this.#listened.values()) {
      for (const subscription of subscriptions) subscription.listener = undefined
    }
    this.#listened.clear()
    this.#restIfIdle()
  }

  #forget(session: Listened): void {
    if (this.#listened.get(session.key) === session) this.#listened.delete(session.key)
    this.#restIfIdle()
  }

  #restIfIdle(): void {
    if (this.#listened.size > 0) return
    clearTimeout(this.#next)
    this.#next = undefined
  }

  /** The first to tell of it is who has ended it, and knows why; who finds it gone behind that may not. */
  #remember(key: SessionKey, why: GoneBecause | undefined): void {
    if (this.#ended.get(key) === undefined) this.#ended.set(key, why)
    if (this.#ended.size <= REMEMBERED) return
    const [oldest] = this.#ended.keys()
    this.#ended.delete(oldest!)
  }

  /** One timer for all, which keeps no process alive. */
  #timeNext(): void {
    if (this.#listened.size === 0 || this.#next !== undefined || this.#isLooking) return
    const look = (): void => {
      this.#next = undefined
      void this.#lookAtAll()
    }
    const { every = LOOK_EVERY } = this.#plan
    this.#next = this.#ofNoRequest.runInAsyncScope(() => setTimeout(look, every).unref())
  }

  async #lookAtAll(): Promise<void> {
    this.#isLooking = true
    this.#hasFailed = false
    const slice = new Slice(CLOCK)
    let some: Promise<void>[] = []
    for (const session of this.#listened.values()) {
      some.push(this.#lookAt(session))
      if (some.length < AT_ONCE) continue
      await Promise.all(some)
      some = []
      if (slice.isOver) await slice.next()
    }
    await Promise.all(some)
    if (!this.#hasFailed) this.#isFailing = false
    this.#isLooking = false
    this.#timeNext()
  }

  async #lookAt(session: Listened): Promise<void> {
    let found: EndLook
    try {
      found = await this.#plan.look(session)
    } catch (error) {
      return this.#lookFailed(error)
    }
    if (found.isThere) session.expiresAt = found.expiresAt
    // Somebody else may have told of it meanwhile, or nobody may listen any more.
    else if (this.#listened.get(session.key) === session) this.tell(session.key, found.why)
  }

  #lookFailed(error: unknown): void {
    this.#hasFailed = true
    // A store that was closed answers nobody any more.
    if (error instanceof MisuseError) this.close()
    else if (!this.#isFailing) this.#plan.report({ type: 'error', error })
    this.#isFailing = true
  }

  #listenerFailed(error: unknown): void {
    this.#plan.report({ type: 'error', error })
    const stack = error instanceof Error ? error.stack : undefined
    warnOnce('UNTORN_END_LISTENER', `A listener of \`session.onEnd\` fails: ${error}`, stack)
  }
}

/**
 * An application that comes to its end in the midst of a look has nothing to wait for. A timer, and no `setImmediate`: one that
 * keeps no process alive is not called before something else happens.
 */
const CLOCK = {
  monotonic: () => performance.now(),
  pause: (ms: number) => delay(ms, undefined, { ref: false }),
}
