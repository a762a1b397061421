import { idWithin, isNoSession, keyOfNoSession, type SessionKey } from '../../contract/key.ts'
import { reservedKeys } from '../../values/data.ts'
import { assertName, millisecondsOf } from '../kept/arguments.ts'
import type { Texts } from '../kept/difference.ts'
import { HandedOut } from '../kept/handed-out.ts'
import { InTurn } from '../kept/in-turn.ts'
import { type Base, baseOf, type KeptRecords } from '../kept/records.ts'

/** How items are kept. */
export interface Kept {
  readonly app: string
  /** Of one that is set without saying so, in milliseconds. */
  readonly lives: number
  /** No key is ever used again: who sets one that was removed was only late. */
  readonly areSessions: boolean
  textsOf(key: string, text: string): Texts
  textIn(texts: Texts): string
}

/** Items by their keys, of which only what was changed is saved, where they still are. */
export class KeptItems {
  readonly #records: KeptRecords
  readonly #kept: Kept
  readonly #handedOut = new HandedOut<Base>()
  readonly #inTurn = new InTurn()

  constructor(records: KeptRecords, kept: Kept) {
    this.#records = records
    this.#kept = kept
    this.#handedOut.follow()
  }

  /** Does work as one chain: what is read in it is what its changes are the difference to. */
  within<T>(work: () => T): T {
    return this.#handedOut.within(work)
  }

  async has(key: string): Promise<boolean> {
    assertName('key', key)
    return this.#records.store.exists(this.nameOf(key))
  }

  async get(key: string): Promise<string | null> {
    assertName('key', key)
    this.#asked()
    const name = this.nameOf(key)
    const base = await this.#records.load(name)
    if (base === undefined) {
      this.#handedOut.missing(name)
      return null
    }
    this.#handedOut.note(base, base)
    return this.#kept.textIn(base.texts)
  }

  /** `ttl`: seconds. */
  async set(key: string, text: string, ttl?: number): Promise<void> {
    assertName('key', key)
    this.#asked()
    const lives = ttl === undefined || ttl === null ? this.#kept.lives : millisecondsOf('ttl', ttl)
    if (lives === 0) return this.remove(key)
    const name = this.nameOf(key)
    await this.#inTurn.do(name, () => this.#set(name, this.#kept.textsOf(key, text), lives))
  }

  async #set(name: SessionKey, texts: Texts, lives: number): Promise<void> {
    const base = this.#baseOf(name)
    if (base !== undefined) {
      if (await this.#records.save(base, texts, lives)) return this.#handedOut.saved(base)
      if (this.#kept.areSessions) return
      // Nobody has removed what has only come to its end: who works it out anew puts it there anew.
      if (this.#handedOut.isOfChain(name) && !(await this.#records.isOver(base))) {
        return this.#handedOut.refused(name)
      }
    }
    const stored = await this.#begin(name, texts, lives)
    this.#handedOut.note(stored, stored)
  }

  /** Who was told that there is none has values to add, and no text to put in their place; others set all of it. */
  #begin(name: SessionKey, texts: Texts, lives: number): Promise<Base> {
    const adds = this.#handedOut.isOfChain(name) && !texts.has(reservedKeys.text)
    return adds ? this.#records.add(name, texts, lives) : this.#records.put(name, texts, lives)
  }

  /** Where sessions are read by functions of the layer's own, no chain leads from there to what saves them. */
  #asked(): void {
    if (!this.#kept.areSessions) this.#handedOut.asked()
  }

  /**
   * Each request of a session layer reads its session before it writes it. What the process has read last is so the base of
   * two that have read the same, and stays it for the second when the first has written.
   */
  #baseOf(name: SessionKey): Base | undefined {
    // Of what a request has not read there is no difference to anything: it sets all of it.
    if (!this.#kept.areSessions && this.#handedOut.isUnread(name)) return undefined
    const base = this.#handedOut.latest(name)
    return base && this.#kept.areSessions && !this.#handedOut.isOfChain(name) ? { ...base } : base
  }

  async remove(key: string): Promise<void> {
    assertName('key', key)
    this.#asked()
    const name = this.nameOf(key)
    if (this.#kept.areSessions) this.#handedOut.ended(name)
    // Who has removed it themselves may set it anew.
    else this.#handedOut.missing(name)
    await this.#inTurn.do(name, () => this.#records.store.delete(name))
  }

  /** Every item's key that `keyIn` finds in its record. */
  async *keys(keyIn: (texts: Texts) => string | undefined): AsyncGenerator<string> {
    for await (const [name, record] of this.#records.store.records({ all: true })) {
      if (!isNoSession(name)) continue
      const key = keyIn(baseOf(name, record).texts)
      // Of another application it has another name.
      if (key !== undefined && this.nameOf(key) === name) yield key
    }
  }

  /** None of these is a session of untorn's: no cookie opens one, and no listing has them. */
  nameOf(key: string): SessionKey {
    return keyOfNoSession(idWithin(this.#kept.app, key))
  }

  /** How many milliseconds it still has; `undefined`: it is not there. */
  async left(key: string): Promise<number | undefined> {
    assertName('key', key)
    const base = await this.#records.load(this.nameOf(key))
    return base && this.#records.left(base)
  }

  /** Closes the store, so that the process can exit. */
  async close(): Promise<void> {
    await this.#records.store.close()
  }
}
