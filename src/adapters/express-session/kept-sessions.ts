import { setTimeout as delay } from 'node:timers/promises'
import { isNoSession, isSessionKey, type SessionKey, sessionKey, shortKey } from '../../contract/key.ts'
import type { SessionChange, SessionRecord } from '../../contract/record.ts'
import type { SessionStore } from '../../contract/store.ts'
import { after, type MaybePromise, type Steps, settled } from '../../contract/wait.ts'
import { MisuseError, StoreUnavailableError } from '../../errors.ts'
import { reporter } from '../../events/reporter.ts'
import { APART, Clock } from '../../session/clock.ts'
import type { SessionEvent } from '../../session/events.ts'
import { checkLimits } from '../../session/limits.ts'
import { isMoved } from '../../session/moved.ts'
import { fateOfId, noteReplaced } from '../../session/replaced.ts'
import { isReserved, reservedKeys } from '../../values/data.ts'
import { withoutMessage } from '../../values/without-message.ts'
import { differenceTo, type Given, namesIn, type Texts } from '../kept/difference.ts'
import type { HandedOutOnce } from '../kept/handed-out.ts'
import { cookieIn, endOf, type KeptEnd, keptCookie, keptUntil } from './kept-cookie.ts'
import type { StoredSession } from './session.ts'
import { isValueName, textsOf } from './texts.ts'
import type { CheckedUntornOptions } from './untorn-options.ts'

/** What somebody who was given a session knows of it: what they change is the difference to this. */
export interface Known extends Given, HandedOutOnce {
  readonly sid: string | undefined
  texts: Texts
  /** The cookie, likewise. */
  cookie: string | undefined
  inDoubt?: ReadonlySet<string> | undefined
  readonly createdAt: number
  /** In the store's time. */
  expiresAt: number
  /** The end that was handed out with the cookie, in the time of this process. The record's is up to a tenth later. */
  readonly shownEnd: number | undefined
  /** Its own cookie has ended it. */
  isOver?: boolean
}

/** A session that was found, and what is known of it. */
export interface Found {
  readonly data: StoredSession
  readonly known: Known
}

const MOST_TRIES = 10
/** Milliseconds. */
const BETWEEN_TRIES = 10

/** Sessions of express-session in a store of untorn's: what is stored of each, and what is sent of a change. */
export class KeptSessions {
  readonly store: SessionStore
  readonly app: string | undefined
  readonly clock: Clock
  readonly report: (event: SessionEvent) => void
  readonly #options: CheckedUntornOptions

  constructor(store: SessionStore, options: CheckedUntornOptions) {
    this.store = store
    this.app = options.app
    this.clock = new Clock(store)
    this.report = options.onEvent === undefined ? () => {} : reporter<SessionEvent>(options.onEvent, 'untorn')
    this.#options = options
  }

  keyOf(sid: string): SessionKey {
    return sessionKey(sid, this.app)
  }

  load(sid: string): MaybePromise<Found | undefined> {
    const key = this.keyOf(sid)
    if (isNoSession(key)) return undefined
    return after(this.store.load(key, { id: sid }), (record) =>
      record === undefined ? undefined : after(this.clock.now(), () => this.#ifLive(key, record, sid)),
    )
  }

  /** Stores a session that nobody was given before. `undefined`: it is over already. */
  *create(sid: string, session: StoredSession): Steps<Known | undefined> {
    const now = yield* settled(this.clock.now())
    const { texts, cookie, values } = this.#written(session)
    const expiresAt = this.#until(session.cookie, now).stored
    if (expiresAt <= now) return undefined
    const key = this.keyOf(sid)
    const at = { createdAt: now, expiresAt, shownEnd: undefined }
    const known = { sid, key, texts, cookie, ...at, gone: false }
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      if (yield* settled(this.store.create(key, { values, createdAt: now, expiresAt }))) {
        this.report({ type: 'created', key: shortKey(key) })
        return known
      }
      // Ids of an application's own making may come again: then what is there is overwritten.
      if (yield* this.#overwrite(key, values, expiresAt)) return known
      // A key whose record is just being removed is free in a moment.
      yield delay(BETWEEN_TRIES * tries)
    }
    throw new StoreUnavailableError('The store says of a session that is not there that its key is taken.')
  }

  /** Saves what has changed since the session was handed out, if it still is there; if not, it is {@link Known.gone}. */
  *save(known: Known, session: StoredSession): Steps<void> {
    const { texts, cookie } = this.#written(session)
    const change = differenceTo(known, texts)
    try {
      if (yield* this.#send(known, session, change, cookie)) known.texts = texts
      known.inDoubt = undefined
    } catch (error) {
      known.inDoubt = namesIn(change)
      throw error
    }
  }

  /** Notes a use: how long the session lives, and how its cookie is sent. */
  *touch(known: Known, session: StoredSession): Steps<void> {
    yield* this.#send(known, session, {}, keptCookie(session.cookie))
  }

  /** Whether it is still there. */
  has(known: Known): MaybePromise<boolean> {
    if (known.gone || known.isOver) return !known.gone
    return after(this.store.exists(known.key), (isThere) => {
      if (!isThere) known.gone = true
      return isThere
    })
  }

  /** Ends a session for good, by its id or, as listings name it, by its key. */
  *end(name: string): Steps<void> {
    const keys = isSessionKey(name) ? [this.keyOf(name), name] : [this.keyOf(name)]
    for (const key of keys) {
      if (isNoSession(key) || !(yield* settled(this.store.delete(key)))) continue
      this.report({ type: 'signed-out', key: shortKey(key) })
    }
  }

  /**
   * Ends a session whose visitor is given a new one. A request that still shows the old id begins none: its cookie would take
   * the place of the new one.
   */
  *replace(sid: string): Steps<void> {
    yield* noteReplaced(this, sid, undefined)
    yield* this.end(sid)
  }

  /** Whether an id of which there is no session was replaced after the request arrived, or just before. */
  isLate(sid: string, arrivedAt: number): MaybePromise<boolean> {
    return after(fateOfId(this, sid, undefined, arrivedAt), ({ late }) => late)
  }

  async *all(): AsyncGenerator<[SessionKey, StoredSession]> {
    for await (const [key, record] of this.store.records()) {
      if (this.#isLive(record)) yield [key, this.#found(key, record).data]
    }
  }

  #ifLive(key: SessionKey, record: SessionRecord, sid: string): Found | undefined {
    return this.#isLive(record) ? this.#found(key, record, sid) : undefined
  }

  #isLive(record: SessionRecord): boolean {
    return !isMoved(record) && record.createdAt + this.#options.lifetime > this.clock.known
  }

  #found(key: SessionKey, { values, createdAt, expiresAt }: SessionRecord, sid?: string): Found {
    const data: StoredSession = { cookie: cookieIn(values, this.clock.ownMoment(expiresAt)) }
    const texts = new Map<string, string>()
    for (const [name, text] of values) {
      if (!isValueName(name)) continue
      try {
        data[name] = JSON.parse(text)
        texts.set(name, text)
      } catch (cause) {
        this.report({ type: 'error', error: unreadable(name, cause) })
      }
    }
    const cookie = values.get(reservedKeys.cookie)
    const at = { createdAt, expiresAt, shownEnd: endOf(data.cookie) }
    return { data, known: { sid, key, texts, cookie, ...at, gone: false } }
  }

  /** What is to be stored. Throws what `JSON.stringify` throws, `SessionTooLargeError` and `MisuseError`. */
  #written(session: StoredSession) {
    const texts = textsOf(session)
    for (const name of texts.keys()) if (isReserved(name)) throw reserved(name)
    const cookie = keptCookie(session.cookie)
    const values = new Map(texts).set(reservedKeys.cookie, cookie)
    checkLimits(this.#options, values)
    return { texts, cookie, values }
  }

  #until(cookie: KeptEnd, createdAt: number): { promised: number; stored: number } {
    const { promised, stored } = keptUntil(cookie, this.#options.idleTimeout)
    const end = createdAt + this.#options.lifetime
    return {
      promised: Math.min(this.clock.moment(promised), end),
      stored: Math.min(this.clock.moment(stored), end),
    }
  }

  /** @returns whether it is there; the change, if there was one, stands then */
  *#send(known: Known, session: StoredSession, change: SessionChange, cookie: string): Steps<boolean> {
    if (known.gone || known.isOver) return false
    const all = { ...change }
    if (cookie !== known.cookie) all.set = new Map(change.set).set(reservedKeys.cookie, cookie)
    const until = this.#changedEnd(known, session)
    if (until !== undefined) {
      if (until.promised <= this.clock.known) {
        // Ended by its own cookie, which is still to be sent, as it takes the browser's away; unless it was gone before.
        known.gone = !(yield* settled(this.store.delete(known.key)))
        known.isOver = true
        return false
      }
      // One that is later than this use can have made it is of a cookie that lived longer.
      const { promised, stored } = until
      if (known.expiresAt < promised || known.expiresAt > stored + APART) all.expiresAt = stored
    }
    if (Object.keys(all).length === 0) return true
    const result = yield* settled(this.store.save(known.key, all))
    if (result.outcome === 'gone') {
      known.gone = true
      this.report({ type: 'gone', key: shortKey(known.key) })
      return false
    }
    known.cookie = cookie
    known.expiresAt = result.record.expiresAt
    if (all.expiresAt !== undefined) yield* this.#endByItsCookie(known, result.record, cookie)
    return true
  }

  /** `undefined`: the end is the one that was handed out, which is up to a tenth before the record's. */
  #changedEnd(known: Known, { cookie }: StoredSession): { promised: number; stored: number } | undefined {
    const end = endOf(cookie)
    if (end !== undefined && end === known.shownEnd) return undefined
    return this.#until(cookie, known.createdAt)
  }

  /** Another request has given the session a longer or shorter life: its use by this one counts by that. */
  *#endByItsCookie(known: Known, { values, createdAt }: SessionRecord, cookie: string): Steps<void> {
    if (values.get(reservedKeys.cookie) === cookie) return
    const { originalMaxAge } = cookieIn(values, 0)
    const expires = typeof originalMaxAge === 'number' ? new Date(Date.now() + originalMaxAge) : null
    const { stored } = this.#until({ expires, originalMaxAge }, createdAt)
    const result = yield* settled(this.store.save(known.key, { expiresAt: stored }))
    if (result.outcome === 'saved') known.expiresAt = result.record.expiresAt
  }

  *#overwrite(key: SessionKey, values: ReadonlyMap<string, string>, expiresAt: number): Steps<boolean> {
    const record = yield* settled(this.store.load(key))
    if (record === undefined) return false
    const gone = [...record.values.keys()].filter((name) => !values.has(name))
    const result = yield* settled(this.store.save(key, { set: values, delete: gone, expiresAt }))
    return result.outcome === 'saved'
  }
}

function unreadable(name: string, cause: unknown): Error {
  const said = { cause: withoutMessage(cause) }
  return new Error(`The value "${name}" of a session can't be read, and was left out.`, said)
}

function reserved(name: string): MisuseError {
  return new MisuseError(
    `A value of a session can't be called "${name}": names that begin so are untorn's own. Call it otherwise.`,
  )
}
