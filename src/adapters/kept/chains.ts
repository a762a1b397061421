import { AsyncLocalStorage } from 'node:async_hooks'
import type { SessionKey } from '../../contract/key.ts'

/** A request has to do with its session, and perhaps with what its middleware keeps beside it. */
const MOST_IN_CHAIN = 8

type Chain<Known> = Map<SessionKey, Known | undefined>

/** What each chain of calls was given last, as far as Node.js can follow it. */
export class Chains<Known> {
  readonly #chains = new AsyncLocalStorage<Chain<Known>>()
  /** Those that somebody began on purpose: what is given in them belongs to all of them. */
  readonly #begun = new WeakSet<Chain<Known>>()

  /** Does work as one chain, whatever in it asks and whatever saves. */
  within<T>(work: () => T): T {
    const chain: Chain<Known> = new Map()
    this.#begun.add(chain)
    return this.#chains.run(chain, work)
  }

  /**
   * Begins a chain, which what is handed out in this call will belong to. It has to be the caller's turn still: of what is
   * entered later, when a store has answered, those that wait for the call would see nothing.
   */
  asked(): void {
    const chain = this.#chains.getStore()
    if (chain !== undefined && this.#begun.has(chain)) return
    // Not the chain that is there: Node.js goes on with that of a connection's last request in the next one.
    this.#chains.enterWith(new Map(chain))
  }

  /** This was given; `undefined`: it was said that there is none. */
  note(key: SessionKey, known: Known | undefined): void {
    const chain = this.#chains.getStore()
    if (chain) putLast(chain, key, known, MOST_IN_CHAIN)
  }

  /** Whether the chain has asked for it at all. */
  has(key: SessionKey): boolean {
    return this.#chains.getStore()?.has(key) ?? false
  }

  get(key: SessionKey): Known | undefined {
    return this.#chains.getStore()?.get(key)
  }
}

/** Makes it the latest of at most so many. */
export function putLast<T>(all: Map<SessionKey, T>, key: SessionKey, value: T, most: number): void {
  all.delete(key)
  all.set(key, value)
  if (all.size <= most) return
  const [oldest] = all.keys()
  all.delete(oldest!)
}
