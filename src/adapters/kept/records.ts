import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionKey } from '../../contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../contract/record.ts'
import type { SaveResult, SessionStore } from '../../contract/store.ts'
import { SessionConflictError, StoreUnavailableError } from '../../errors.ts'
import { APART, Clock } from '../../session/clock.ts'
import { isReserved } from '../../values/data.ts'
import { differenceTo, type Given, namesIn, type Texts } from './difference.ts'
import type { HandedOutOnce } from './handed-out.ts'

/** A record as somebody was given it: what they change is the difference to this. */
export interface Base extends Given, HandedOutOnce {
  texts: Texts
  inDoubt?: ReadonlySet<string> | undefined
  /** In the store's time. */
  expiresAt: number
}

const ENOUGH = 0.9
const MOST_TRIES = 10
/** Milliseconds. */
const BETWEEN_TRIES = 10
/** Between two tries of what others were faster with, at random: those who wait as long as each other meet again. In milliseconds. */
const LONGEST_PAUSE = 50
/** How long it is tried. A count says nothing: it is used up sooner the more there are who try. In milliseconds. */
const LONGEST_CONFLICT = 10_000
/** Above the versions that a record gets to by being changed. */
const VERSIONS = 2 ** 40

/**
 * Records of session layers that write whole sessions: what is sent of each is what differs from what was handed out, where the
 * record still is. How long one lives is said in milliseconds from now.
 */
export class KeptRecords {
  readonly store: SessionStore
  readonly #clock: Clock

  constructor(store: SessionStore) {
    this.store = store
    this.#clock = new Clock(store)
  }

  /** `id`: for stores that find a session by it. */
  async load(key: SessionKey, id?: string): Promise<Base | undefined> {
    const record = await this.store.load(key, id === undefined ? undefined : { id })
    return record && baseOf(key, record)
  }

  /** Saves what differs from the base, and gives what came of it. `undefined`: it is gone, and nothing of it is saved again. */
  async save(base: Base, texts: Texts, lives?: number): Promise<SessionRecord | undefined> {
    if (base.gone) return undefined
    const change = differenceTo(base, texts)
    const names = namesIn(change)
    if (lives !== undefined) {
      const expiresAt = await this.#in(lives)
      if (Math.abs(expiresAt - base.expiresAt) > Math.min(APART, lives / 10)) change.expiresAt = expiresAt
    }
    let result: SaveResult
    try {
      result = await this.store.save(base.key, change)
    } catch (error) {
      base.inDoubt = new Set([...names, ...(base.inDoubt ?? [])])
      throw error
    }
    base.inDoubt = undefined
    if (result.outcome !== 'saved') {
      base.gone = true
      return undefined
    }
    base.texts = texts
    base.expiresAt = result.record.expiresAt
    return result.record
  }

  /**
   * Sees that a record lives as long as what is in it by now, which others may have added to. Their looks follow their
   * saves, too: so whoever has shortened it finds what they have added.
   */
  async prolong(record: SessionRecord, key: SessionKey, livesBy: (texts: Texts) => number): Promise<void> {
    let found = record
    for (;;) {
      const expiresAt = await this.#in(livesBy(found.values))
      if (found.expiresAt >= expiresAt - APART) return
      const result = await this.store.save(key, { expiresAt })
      if (result.outcome !== 'saved') return
      found = result.record
    }
  }

  /** Notes a use: a record that has less than nine tenths of its life left has all of it again. */
  async touch(base: Base, lives: number): Promise<void> {
    if (base.gone || base.expiresAt - (await this.#clock.now()) > lives * ENOUGH) return
    await this.save(base, base.texts, lives)
  }

  /** Every session of an owner that the store can find, or all where it can't look by owner. */
  ofOwner(owner: string | undefined): AsyncIterable<[SessionKey, SessionRecord]> {
    const { store } = this
    return owner === undefined || store.byOwner === undefined ? store.records() : store.byOwner(owner)
  }

  /** A new record, of which nobody was given anything. `undefined`: the key is taken. */
  async create(key: SessionKey, texts: Texts, lives: number, owner?: string): Promise<Base | undefined> {
    const createdAt = await this.#clock.now()
    const expiresAt = createdAt + lives
    // A version that was read of a former record under this key says nothing of this one.
    const version = randomInt(VERSIONS)
    const record: NewRecord = { values: texts, createdAt, expiresAt, version }
    if (owner !== undefined) record.owner = owner
    return (await this.store.create(key, record)) ? { key, texts, expiresAt, gone: false } : undefined
  }

  /** Makes it these values, whatever is there. For what nobody was given before. */
  async put(key: SessionKey, texts: Texts, lives: number, owner?: string): Promise<Base> {
    return this.#begin(key, texts, lives, owner, (there) => there)
  }

  /**
   * The same where there was said to be none: what others have put there since stays, but for the names of these, and for a text, beside
   * which there are no values.
   */
  async add(key: SessionKey, texts: Texts, lives: number, owner?: string): Promise<Base> {
    const own = ([name]: readonly [string, string]) => isReserved(name)
    return this.#begin(key, texts, lives, owner, (there) => ({
      ...there,
      texts: new Map([...there.texts].filter(own)),
    }))
  }

  /** How many milliseconds it still has in the store's time, by what was known when it was handed out. */
  async left({ expiresAt }: Base): Promise<number> {
    return expiresAt - (await this.#clock.now())
  }

  async isOver(base: Base): Promise<boolean> {
    return (await this.left(base)) <= 0
  }

  async #begin(
    key: SessionKey,
    texts: Texts,
    lives: number,
    owner: string | undefined,
    baseIn: (there: Base) => Base,
  ): Promise<Base> {
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const created = await this.create(key, texts, lives, owner)
      if (created !== undefined) return created
      const found = await this.load(key)
      const there = found && baseIn(found)
      if (there !== undefined && (await this.save(there, texts, lives))) {
        if (owner !== undefined) await this.store.save(key, { owner })
        return there
      }
      // A key whose record is just being removed is free in a moment.
      await delay(BETWEEN_TRIES * tries)
    }
    throw new StoreUnavailableError('The store says of a record that is not there that its key is taken.')
  }

  /**
   * Makes it what `next` says, which is asked again where others were faster. `anew`: it lives so long from now on, and not
   * from when it was created.
   */
  async decide(
    key: SessionKey,
    next: (texts: Texts | undefined) => Texts,
    lives: number,
    { anew }: { anew: boolean },
  ): Promise<Texts> {
    const since = performance.now()
    for (let tries = 1; ; tries++) {
      const found = await this.store.load(key)
      const texts = next(found?.values)
      if (found === undefined) {
        if (await this.create(key, texts, lives)) return texts
      } else {
        const change: SessionChange = differenceTo({ texts: found.values }, texts)
        if (anew) change.expiresAt = await this.#in(lives)
        const { outcome } = await this.store.save(key, change, { ifVersion: found.version })
        if (outcome === 'saved') return texts
      }
      if (performance.now() - since > LONGEST_CONFLICT) throw new SessionConflictError(tries)
      await delay(Math.random() * Math.min(LONGEST_PAUSE, 2 ** tries))
    }
  }

  /** Ends a record and gives its values, to one of all who ask. */
  async take(key: SessionKey): Promise<Texts | undefined> {
    let record = await this.store.load(key)
    while (record !== undefined) {
      const result = await this.store.save(key, { expiresAt: 0 }, { ifVersion: record.version })
      if (result.outcome === 'saved') return record.values
      record = result.outcome === 'conflict' ? result.record : undefined
    }
    return undefined
  }

  async #in(lives: number): Promise<number> {
    return (await this.#clock.now()) + lives
  }
}

export function baseOf(key: SessionKey, { values, expiresAt }: SessionRecord): Base {
  return { key, texts: values, expiresAt, gone: false }
}
