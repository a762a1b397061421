import { AsyncLocalStorage } from 'node:async_hooks'
import type { SessionKey } from '../../contract/key.ts'
import type { Known } from './kept-sessions.ts'

/** Of those that hand over other objects than they were given. */
const MOST = 10_000

/**
 * What was handed out of each session, so that a change can be told from what was there. express-session makes a session of
 * what it was given by `createSession`: then that object itself says it. Others (@fastify/session, express-openid-connect) hand
 * over an object of their own: then it is what the same chain of calls was given last, as far as Node.js can follow it, or
 * else this process.
 */
export class HandedOut {
  readonly #byObject = new WeakMap<object, Known>()
  readonly #last = new Map<SessionKey, Known>()
  #chains: AsyncLocalStorage<Map<SessionKey, Known>> | undefined
  /** Somebody calls `createSession`. */
  #exact = false

  /** `data` is handed out, and whoever gets it makes what they like of it. */
  note(data: object, known: Known): void {
    this.#byObject.set(data, known)
    if (this.#exact) return
    this.#remember(known)
    this.#chains ??= new AsyncLocalStorage()
    const chain = this.#chains.getStore()
    if (chain === undefined) this.#chains.enterWith(new Map([[known.key, known]]))
    else chain.set(known.key, known)
  }

  /** The application uses `session` in the place of `data`. */
  becomes(data: object, session: object): void {
    this.exactly()
    const known = this.#byObject.get(data)
    if (known !== undefined) this.#byObject.set(session, known)
  }

  /** From now on objects say by themselves what was handed out. */
  exactly(): void {
    if (this.#exact) return
    this.#exact = true
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
    return this.#chains?.getStore()?.get(key) ?? this.#last.get(key)
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

  #remember(known: Known): void {
    this.#last.delete(known.key)
    this.#last.set(known.key, known)
    if (this.#last.size <= MOST) return
    const [oldest] = this.#last.keys()
    this.#last.delete(oldest!)
  }
}
