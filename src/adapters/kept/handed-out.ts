import type { SessionKey } from '../../contract/key.ts'
import { Chains } from './chains.ts'
import type { Texts } from './difference.ts'
import { Latest } from './latest.ts'

/** Of those that hand over other objects than they were given: more than are between their load and their save at one time. */
const MOST = 2000

/** What is known of something that was handed out. */
export interface HandedOutOnce {
  readonly key: SessionKey
  readonly texts: Texts
  /** It was ended: nothing of it is ever saved again. */
  gone: boolean
}

/**
 * What was handed out of each session, so that a change can be told from what was there. Some make an object of what they
 * were given and say so (express-session, by `createSession`): then that object itself says it. Others (@fastify/session,
 * express-openid-connect, unstorage) hand over an object of their own: then it is what the same chain of calls was given last, as
 * far as Node.js can follow it, or else the same request, or else this process.
 */
export class HandedOut<Known extends HandedOutOnce> {
  readonly #byObject = new WeakMap<object, Known>()
  readonly #last = new Latest<Known>(MOST)
  #chains: Chains<Known> | undefined
  /** Somebody says what becomes of the objects that they are given. */
  #exact = false

  /** Follows requests from now on, and not only from the first {@link asked} on. */
  follow(): void {
    this.#chains ??= new Chains()
  }

  /** Begins a chain, in the caller's turn still. */
  asked(): void {
    if (this.#exact) return
    this.#chains ??= new Chains()
    this.#chains.asked()
  }

  /** Does work as one chain: what is asked for in it is what the changes in it are the difference to. */
  within<T>(work: () => T): T {
    this.#chains ??= new Chains()
    return this.#chains.within(work)
  }

  /** `data` is handed out, and whoever gets it makes what they like of it. */
  note(data: object, known: Known): void {
    this.#byObject.set(data, known)
    if (this.#exact) return
    this.#last.put(known.key, known)
    this.#chains?.note(known.key, known)
  }

  /** Whoever asked was told that there is none: what they store under this key is a new session, also after one that was ended. */
  missing(key: SessionKey): void {
    this.#chains?.note(key, undefined)
  }

  /** It was not stored, as it was ended since it was handed out: who stores it once more may begin it anew, outside of its request. */
  refused(key: SessionKey): void {
    this.#chains?.refused(key)
  }

  /** The application uses `session` in the place of `data`. */
  becomes(data: object, session: object): Known | undefined {
    this.exactly()
    const known = this.#byObject.get(data)
    if (known !== undefined) this.#byObject.set(session, known)
    return known
  }

  /** From now on objects say by themselves what was handed out. */
  exactly(): void {
    if (this.#exact) return
    this.#exact = true
    this.#chains = undefined
    this.#last.clear()
  }

  /** A session that was stored for the first time. */
  stored(session: object, known: Known): void {
    if (this.#exact) this.#byObject.set(session, known)
    else this.note(session, known)
  }

  /** What was saved of it is in its texts now, which may be more than there was. */
  saved(known: Known): void {
    if (this.#last.get(known.key) === known) this.#last.put(known.key, known)
    if (this.#chains?.get(known.key) === known) this.#chains.note(known.key, known)
  }

  /** What was known of a session by whoever wants it saved under this key now; `undefined`: it is a new one. */
  of(session: object, key: SessionKey): Known | undefined {
    const known = this.#byObject.get(session)
    return known?.key === key ? known : this.latest(key)
  }

  /** By the object alone. */
  ofObject(session: object): Known | undefined {
    return this.#byObject.get(session)
  }

  /** By the chain and the request, or else what this process has handed out last. */
  latest(key: SessionKey): Known | undefined {
    return this.isOfChain(key) ? this.#chains?.get(key) : this.#last.get(key)
  }

  /** Whether {@link latest} is exact: this chain has asked for it itself. */
  isOfChain(key: SessionKey): boolean {
    return this.#chains?.has(key) ?? false
  }

  /** Whether it is certain that whoever wants it saved was not told anything of it. */
  isUnread(key: SessionKey): boolean {
    return this.#chains?.hasNot(key) ?? false
  }

  /** It was ended: whoever was given it, and is not followed exactly, saves nothing of it any more. */
  ended(key: SessionKey): void {
    const known = this.#last.get(key)
    if (known !== undefined) known.gone = true
  }
}
