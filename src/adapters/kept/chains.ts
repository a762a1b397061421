import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { SessionKey } from '../../contract/key.ts'
import type { Texts } from './difference.ts'
import { Latest } from './latest.ts'

/** More than a request has to do with. One that is begun on purpose ends with its work, and has no limit. */
const MOST_IN_CHAIN = 1000

/** What was given last, each of it by its texts. */
type Given = { readonly texts: Texts }
type Chain<Known extends Given> = Latest<Known | undefined>

/** The chain of each of those who follow some, in the work that is under way. */
const followed = new AsyncLocalStorage<ReadonlyMap<object, Chain<never>>>()
let endsWithRequest = false

/**
 * Node.js goes on with the chain of a connection's last request in the next one, which has asked for nothing yet: what was read
 * long ago would count as what it was given. Runtimes that don't tell of a request begin each with none anyway.
 */
function endWithRequest(): void {
  if (endsWithRequest) return
  endsWithRequest = true
  subscribe('http.server.request.start', () => followed.enterWith(new Map()))
}

/** What each chain of calls was given last, as far as Node.js can follow it. */
export class Chains<Known extends Given> {
  /** Those that somebody began on purpose: what is given in them belongs to all of them. */
  readonly #begun = new WeakSet<Chain<Known>>()

  constructor() {
    endWithRequest()
  }

  /** Does work as one chain, whatever in it asks and whatever saves. */
  within<T>(work: () => T): T {
    const chain: Chain<Known> = new Latest(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    this.#begun.add(chain)
    return followed.run(this.#beside(chain), work)
  }

  /**
   * Begins a chain, which what is handed out in this call will belong to. It has to be the caller's turn still: of what is
   * entered later, when a store has answered, those that wait for the call would see nothing.
   */
  asked(): void {
    const chain = this.#chain
    if (chain !== undefined && this.#begun.has(chain)) return
    // Not the chain that is there: others go on with that.
    followed.enterWith(this.#beside(new Latest(MOST_IN_CHAIN, undefined, chain)))
  }

  /** This was given; `undefined`: it was said that there is none. */
  note(key: SessionKey, known: Known | undefined): void {
    this.#chain?.put(key, known)
  }

  /** Whether the chain has asked for it at all. */
  has(key: SessionKey): boolean {
    return this.#chain?.has(key) ?? false
  }

  get(key: SessionKey): Known | undefined {
    return this.#chain?.get(key)
  }

  get #chain(): Chain<Known> | undefined {
    return followed.getStore()?.get(this) as Chain<Known> | undefined
  }

  #beside(chain: Chain<Known>): ReadonlyMap<object, Chain<never>> {
    return new Map(followed.getStore()).set(this, chain as Chain<never>)
  }
}
