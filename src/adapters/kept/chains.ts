import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import type { SessionKey } from '../../contract/key.ts'
import type { Texts } from './difference.ts'
import { Latest } from './latest.ts'
import { after, givenIn, type Link, noteIn } from './links.ts'

/** What was given last, each of it by its texts. */
type Given = { readonly texts: Texts }
type Chain<Known extends Given> = Latest<Known | undefined>

/** More than a request has to do with. One that is begun on purpose ends with its work, and has no limit. */
const MOST_IN_REQUEST = 1000

/** A request that a server of Node.js has begun to answer. */
class ServedRequest {
  /** What was given in it, wherever, by those who follow it. */
  readonly chains = new Map<object, Chain<never>>()
  /** Work that goes on behind a request may do so for as long as the process, and needs no more of it. */
  readonly #response: WeakRef<ServerResponse>

  constructor(response: ServerResponse) {
    this.#response = new WeakRef(response)
  }

  get isAnswered(): boolean {
    return this.#response.deref()?.writableEnded !== false
  }
}

/** What the work that is under way has to do with, of all who follow some. */
interface Followed {
  readonly request?: ServedRequest | undefined
  /** Those that somebody began on purpose: what is given in them belongs to all of them. */
  readonly begun?: ReadonlyMap<object, Chain<never>> | undefined
  readonly links?: ReadonlyMap<object, Link<never>> | undefined
}

const followed = new AsyncLocalStorage<Followed>()
let beginsWithRequest = false

/**
 * A request of a server of Node.js begins with nothing: Node.js goes on with the chain of a connection's last one in it, and what was read
 * long ago would count as what it was given. Nothing tells of the requests of other servers.
 */
function beginWithRequest(): void {
  if (beginsWithRequest) return
  beginsWithRequest = true
  subscribe('http.server.request.start', (message) => {
    const { response } = message as { response: ServerResponse }
    followed.enterWith({ request: new ServedRequest(response) })
  })
}

/**
 * What each chain of calls was given last, as far as Node.js can follow it; where it can't, what was given last in the same
 * request. Requests that were begun before there is one of these are not known.
 */
export class Chains<Known extends Given> {
  constructor() {
    beginWithRequest()
  }

  /** Does work as one chain, whatever in it asks and whatever saves. */
  within<T>(work: () => T): T {
    const here = followed.getStore()
    const chain: Chain<Known> = new Latest(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    const begun = new Map(here?.begun).set(this, chain as Chain<never>)
    return followed.run({ ...here, begun }, work)
  }

  /**
   * Begins a chain behind the one that is there, which what is handed out in this call will belong to. It has to be the caller's turn
   * still: of what is entered later, when a store has answered, those that wait for the call would see nothing.
   */
  asked(): void {
    const here = followed.getStore()
    if (here?.begun?.has(this)) return
    // Not the link that is there: others go on with that.
    followed.enterWith({ ...here, links: new Map(here?.links).set(this, after(this.#link) as Link<never>) })
  }

  /** This was given; `undefined`: it was said that there is none. */
  note(key: SessionKey, known: Known | undefined): void {
    const begun = this.#begun
    if (begun !== undefined) {
      begun.put(key, known)
      return
    }
    const link = this.#link
    if (link !== undefined) noteIn(link, key, known)
    const chains = followed.getStore()?.request?.chains
    if (chains === undefined) return
    const chain: Chain<Known> = this.#ofRequest ?? new Latest(MOST_IN_REQUEST)
    chains.set(this, chain as Chain<never>)
    chain.put(key, known)
  }

  /** A write of what was given did not take place, as it was removed since. A request writes nothing of it until it is answered. */
  refused(key: SessionKey): void {
    const request = followed.getStore()?.request
    if (this.#begun !== undefined || request?.isAnswered === false) return
    this.note(key, undefined)
  }

  /** Whether the chain has asked for it at all. */
  has(key: SessionKey): boolean {
    return this.#place(key) !== undefined
  }

  /** Whether it is certain that nothing in this request, or in what was begun on purpose, has asked for it. */
  hasNot(key: SessionKey): boolean {
    if (this.has(key)) return false
    if (this.#begun !== undefined) return true
    return followed.getStore()?.request !== undefined && this.#ofRequest?.hasForgotten !== true
  }

  get(key: SessionKey): Known | undefined {
    return this.#place(key)?.get(key)
  }

  /** Where it is noted: the chain goes before the request. */
  #place(key: SessionKey): { get(key: SessionKey): Known | undefined } | undefined {
    const begun = this.#begun
    if (begun !== undefined) return begun.has(key) ? begun : undefined
    const ofRequest = this.#ofRequest
    return givenIn(this.#link, key) ?? (ofRequest?.has(key) ? ofRequest : undefined)
  }

  get #begun(): Chain<Known> | undefined {
    return followed.getStore()?.begun?.get(this) as Chain<Known> | undefined
  }

  get #ofRequest(): Chain<Known> | undefined {
    return followed.getStore()?.request?.chains.get(this) as Chain<Known> | undefined
  }

  get #link(): Link<Known> | undefined {
    return followed.getStore()?.links?.get(this) as Link<Known> | undefined
  }
}
