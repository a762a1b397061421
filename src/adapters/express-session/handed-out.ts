import { AsyncLocalStorage } from 'node:async_hooks'
import type { SessionKey } from '../../contract/key.ts'
import type { Known } from './kept-sessions.ts'
import type { Texts } from './texts.ts'

/** Of those that hand over other objects than they were given. */
const MOST = 10_000
/** A request has to do with its session, and perhaps with what its middleware keeps beside it. */
const MOST_IN_CHAIN = 8

/**
 * What was handed out of each session, so that a change can be told from what was there. express-session makes a session of
 * what it was given by `createSession`: then that object itself says it. Others (@fastify/session, express-openid-connect) hand
 * over an object of their own: then it is what the same chain of calls was given last, as far as Node.js can follow it, or
 * else this process.
 */
export class HandedOut {
  readonly #byObject = new WeakMap<object, Known>()
  readonly #last = new Map<SessionKey, Known>()
  #chains: AsyncLocalStorage<Map<SessionKey, Known | undefined>> | undefined
  /** Somebody calls `createSession`. */
  #exact = false

  /**
   * Begins a chain, which what is handed out in this call will belong to. It has to be the caller's turn still: of what is
   * entered later, when a store has answered, those that wait for the call would see nothing.
   */
  asked(): void {
    if (this.#exact) return
    this.#chains ??= new AsyncLocalStorage()
    // Not the chain that is there: Node.js goes on with that of a connection's last request in the next one.
    this.#chains.enterWith(new Map(this.#chains.getStore()))
  }

  /** `data` is handed out, and whoever gets it makes what they like of it. */
  note(data: object, known: Known): void {
    this.#byObject.set(data, known)
    if (this.#exact) return
    putLast(this.#last, known.key, known, MOST)
    this.#inChain(known.key, known)
  }

  /** Whoever asked was told that there is none: what they store under this key is a new session, also after one that was ended. */
  missing(key: SessionKey): void {
    this.#inChain(key, undefined)
  }

  #inChain(key: SessionKey, known: Known | undefined): void {
    const chain = this.#chains?.getStore()
    if (chain) putLast(chain, key, known, MOST_IN_CHAIN)
  }

  /** The application uses `session` in the place of `data`. */
  becomes(data: object, session: object): void {
    this.exactly()
    const known = this.#byObject.get(data)
    if (known === undefined) return
    known.texts = shownBy(known.texts)
    this.#byObject.set(session, known)
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

  /** What was known of a session by whoever wants it saved under this key now; `undefined`: it is a new one. */
  of(session: object, key: SessionKey): Known | undefined {
    const known = this.#byObject.get(session)
    if (known?.key === key) return known
    const chain = this.#chains?.getStore()
    return chain?.has(key) ? chain.get(key) : this.#last.get(key)
  }

  /** By the object alone. */
  ofObject(session: object): Known | undefined {
    return this.#byObject.get(session)
  }

  /** It was ended: whoever was given it, and is not followed exactly, saves nothing of it any more. */
  ended(key: SessionKey): void {
    const known = this.#last.get(key)
    if (known !== undefined) known.gone = true
  }
}

/** A session of express-session's has these itself: it does not show values of these names, and can't change them. */
const OF_SESSIONS = ['id', 'req']

function shownBy(texts: Texts): Texts {
  if (!OF_SESSIONS.some((name) => texts.has(name))) return texts
  return new Map([...texts].filter(([name]) => !OF_SESSIONS.includes(name)))
}

/** Makes it the latest of at most so many. */
function putLast<T>(all: Map<SessionKey, T>, key: SessionKey, value: T, most: number): void {
  all.delete(key)
  all.set(key, value)
  if (all.size <= most) return
  const [oldest] = all.keys()
  all.delete(oldest!)
}
