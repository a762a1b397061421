import { type SessionKey, sessionKey } from '../../contract/key.ts'
import { invalidArgument } from '../../errors.ts'
import { assertName } from '../kept/arguments.ts'
import type { Texts } from '../kept/difference.ts'
import { HandedOut } from '../kept/handed-out.ts'
import { storedJson } from '../kept/json.ts'
import { objectOf, textsOfObject } from '../kept/object.ts'
import type { Base, KeptRecords } from '../kept/records.ts'

/** What is used of a session of Auth0's. */
export interface Auth0Session {
  user: { sub: string }
  /** `createdAt`: seconds since the epoch. */
  internal: { sid: string; createdAt: number }
  [name: string]: unknown
}

/** Whose sessions end. */
export interface LogoutToken {
  readonly sub?: string
  readonly sid?: string
  readonly iss?: string
}

export interface Auth0Lives {
  /** Milliseconds without a write, of which Auth0's rolling sessions have one for each request. */
  readonly idleTimeout: number
  /** Milliseconds from the sign-in on. */
  readonly lifetime: number
}

/** A read, and how many there were before it. */
interface Read {
  readonly base: Base
  readonly at: number
}

/** What `new Auth0Client({ sessionStore })` takes. */
export class Auth0SessionStore {
  readonly #open: () => KeptRecords
  #opened: KeptRecords | undefined
  readonly #app: string
  readonly #lives: Auth0Lives
  readonly #handedOut = new HandedOut<Base>()
  /** By the objects that a session is made of (`user`, `tokenSet`, ...), which the application hands over again. */
  readonly #readOf = new WeakMap<object, Read>()
  #reads = 0

  /** `open`: when it is first used. `next build` loads what only requests use, and is to make no directory. */
  constructor(open: () => KeptRecords, app: string, lives: Auth0Lives) {
    this.#open = open
    this.#app = app
    this.#lives = lives
    this.#handedOut.follow()
  }

  async get<Session extends Auth0Session = Auth0Session>(id: string): Promise<Session | null> {
    const key = this.#keyOf(id)
    const base = await this.#records.load(key, id)
    if (base === undefined) return null
    this.#handedOut.note(base, base)
    const session = objectOf(base.texts)
    // Not the base itself, which others have as what was read last.
    const read = { base: { ...base }, at: this.#reads++ }
    for (const value of Object.values(session)) if (isObject(value)) this.#readOf.set(value, read)
    return session as unknown as Session
  }

  /** Of one that was handed out what has changed, where it still is; else it is a new one, or whole. */
  async set(id: string, session: Auth0Session): Promise<void> {
    const key = this.#keyOf(id)
    const { texts, lives, owner } = this.#written(session)
    const base = this.#baseOf(key, session)
    if (base === undefined) await this.#records.put(key, texts, lives, owner)
    else await this.#save(base, texts, lives, owner)
  }

  /** Only if it exists. Whether it does. */
  async update(id: string, session: Auth0Session): Promise<boolean> {
    const key = this.#keyOf(id)
    const { texts, lives, owner } = this.#written(session)
    const base = this.#baseOf(key, session) ?? (await this.#records.load(key, id))
    return base !== undefined && this.#save(base, texts, lives, owner)
  }

  /** Whether it is there. The owner is whoever it is of now. */
  async #save(base: Base, texts: Texts, lives: number, owner: string): Promise<boolean> {
    const saved = await this.#records.save(base, texts, lives)
    if (saved !== undefined && saved.owner !== owner) await this.#records.store.save(base.key, { owner })
    return saved !== undefined
  }

  async delete(id: string): Promise<void> {
    const key = this.#keyOf(id)
    this.#handedOut.ended(key)
    await this.#records.store.delete(key)
  }

  /** Ends the session of `sid`, or without one each of `sub`; with `iss`, of that issuer alone. */
  async deleteByLogoutToken({ sub, sid, iss }: LogoutToken): Promise<void> {
    if (sub === undefined && sid === undefined)
      throw invalidArgument('logoutToken', 'a `sub` or `sid` is needed')
    const owner = sub === undefined ? undefined : this.#ownerOf(sub)
    // One that can't be read is no reason to leave the others signed in.
    let failure: { error: unknown } | undefined
    for await (const [key, record] of this.#records.ofOwner(owner)) {
      if (record.owner === undefined || !record.owner.startsWith(this.#ownerOf(''))) continue
      if (owner !== undefined && record.owner !== owner) continue
      try {
        if (!isMeant(record.values, sid, iss)) continue
      } catch (error) {
        failure ??= { error }
        continue
      }
      await this.#records.store.delete(key)
    }
    if (failure !== undefined) throw failure.error
  }

  get #records(): KeptRecords {
    this.#opened ??= this.#open()
    return this.#opened
  }

  /**
   * The client reads a session anew before each write, in functions of its own, and then writes what the application was given
   * before. So it is told by what the application hands over: of what comes from several reads, all since the first is a change. Of a
   * session without any object that was handed out it is what was read last, which stays the base of others that have read the same.
   */
  #baseOf(key: SessionKey, session: Auth0Session): Base | undefined {
    const reads = Object.values(session)
      .flatMap((value) => (isObject(value) ? (this.#readOf.get(value) ?? []) : []))
      .filter(({ base }) => base.key === key)
    if (reads.length > 0) return reads.reduce((one, other) => (other.at < one.at ? other : one)).base
    const base = this.#handedOut.latest(key)
    return base && { ...base }
  }

  #written(session: Auth0Session) {
    const [sub, createdAt] = [session?.user?.sub, session?.internal?.createdAt]
    if (typeof sub !== 'string' || typeof createdAt !== 'number') {
      throw invalidArgument('session', 'a session with `user.sub` and `internal.createdAt` is needed')
    }
    const { idleTimeout, lifetime } = this.#lives
    const lives = Math.min(idleTimeout, createdAt * 1000 + lifetime - Date.now())
    return { texts: textsOfObject(session), lives, owner: this.#ownerOf(sub) }
  }

  #keyOf(id: string): SessionKey {
    assertName('id', id)
    return sessionKey(id, this.#app)
  }

  #ownerOf(sub: string): string {
    return `${this.#app} ${sub}`
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** By what of a session says it, whatever is wrong with the rest. Throws `NotSerialisableError`. */
function isMeant(texts: Texts, sid: string | undefined, iss: string | undefined): boolean {
  const text = texts.get('internal')
  const said = text === undefined ? undefined : storedJson('internal', text)
  const internal = said as { sid?: string; mcd?: { issuer?: string } } | undefined
  const issuer = internal?.mcd?.issuer
  if (iss !== undefined && issuer !== undefined && issuer !== iss) return false
  return sid === undefined || internal?.sid === sid
}
