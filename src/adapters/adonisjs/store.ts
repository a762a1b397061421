import { isSessionKey, type SessionKey, sessionKey } from '../../contract/key.ts'
import type { AnyData } from '../../values/data.ts'
import { assertName } from '../kept/arguments.ts'
import { Latest } from '../kept/latest.ts'
import { objectOf, readableObjectOf, textsOfObject } from '../kept/object.ts'
import type { CheckedListingSocket } from '../kept/options.ts'
import type { Base, KeptRecords } from '../kept/records.ts'

/** The store of a collection is there for as long as the application. */
const MOST = 100

/**
 * What AdonisJS makes for each request, so that what was read by it is what the request was given; and for a collection, which is
 * there for as long as the application and whose calls have nothing to do with each other.
 */
export class AdonisSessionStore {
  readonly #records: KeptRecords
  readonly #app: string
  readonly #lives: number
  readonly #isOfRequest: boolean
  readonly #unreadable: (error: unknown) => void
  readonly #given = new Latest<Base>(MOST)
  /** Of these it was said that there is none. */
  readonly #absent = new Latest<true>(MOST)
  /** Tags of sessions that are not stored yet. */
  readonly #tags = new Latest<string>(MOST)

  /** `lives`: milliseconds. */
  constructor({ records, app, unreadable }: CheckedListingSocket, lives: number, isOfRequest: boolean) {
    this.#records = records
    this.#app = app
    this.#lives = lives
    this.#unreadable = unreadable
    this.#isOfRequest = isOfRequest
  }

  /** In a collection also by its key as {@link tagged} names it. In a request a key is whatever a cookie says, and opens nothing. */
  async read(sessionId: string): Promise<AnyData | null> {
    const key = this.#keyOf(sessionId)
    const base = await this.#records.load(key, sessionId)
    if (!this.#isOfRequest) return base ? objectOf(base.texts) : this.#readTagged(sessionId)
    if (base === undefined) {
      this.#absent.put(key, true)
      return null
    }
    this.#absent.delete(key)
    this.#given.put(key, base)
    return objectOf(base.texts)
  }

  async #readTagged(key: string): Promise<AnyData | null> {
    if (!isSessionKey(key)) return null
    const record = await this.#records.store.load(key)
    // Every tagged session names its application.
    if (record?.owner?.startsWith(this.#ownerOf('')) !== true) return null
    return objectOf(record.values)
  }

  async write(sessionId: string, data: AnyData): Promise<void> {
    const key = this.#keyOf(sessionId)
    const texts = textsOfObject(data)
    const base = this.#given.get(key)
    if (base !== undefined) {
      await this.#records.save(base, texts, this.#lives)
      return
    }
    this.#given.put(key, await this.#begin(key, texts))
    this.#absent.delete(key)
    this.#tags.delete(key)
  }

  /** Where another request has begun it since, what this one has set comes to it. */
  async #begin(key: SessionKey, texts: Map<string, string>): Promise<Base> {
    const owner = this.#tags.get(key)
    if (!this.#absent.has(key)) return this.#records.put(key, texts, this.#lives, owner)
    return this.#records.add(key, texts, this.#lives, owner)
  }

  /**
   * By its id, or by its key as {@link tagged} names it. AdonisJS calls it for every session that is empty, also one that was never
   * stored: what another request has begun meanwhile under the same cookie is not its to end.
   */
  async destroy(sessionId: string): Promise<void> {
    const key = this.#keyOf(sessionId)
    if (this.#absent.has(key)) return
    this.#given.delete(key)
    await this.#records.store.delete(key)
    if (isSessionKey(sessionId)) await this.#records.store.delete(sessionId)
  }

  async touch(sessionId: string): Promise<void> {
    const base = this.#given.get(this.#keyOf(sessionId))
    if (base !== undefined) await this.#records.touch(base, this.#lives)
  }

  /** A session has one tag; the last one counts. Of one that is not stored yet it is kept until it is. */
  async tag(sessionId: string, userId: string): Promise<void> {
    assertName('userId', userId)
    const key = this.#keyOf(sessionId)
    const { outcome } = await this.#records.store.save(key, { owner: this.#ownerOf(userId) })
    if (outcome === 'gone') this.#tags.put(key, this.#ownerOf(userId))
  }

  /**
   * Each by its key, which is the hash of its id: no store knows an id. One of which a value can't be read is there without that:
   * whoever ends all of them ends it, too.
   */
  async tagged(userId: string): Promise<{ id: string; data: AnyData }[]> {
    assertName('userId', userId)
    const owner = this.#ownerOf(userId)
    const found: { id: string; data: AnyData }[] = []
    for await (const [key, record] of this.#records.ofOwner(owner)) {
      if (record.owner !== owner) continue
      found.push({ id: key, data: readableObjectOf(record.values, this.#unreadable) })
    }
    return found
  }

  #keyOf(sessionId: string): SessionKey {
    assertName('sessionId', sessionId)
    return sessionKey(sessionId, this.#app)
  }

  #ownerOf(userId: string): string {
    return `${this.#app} ${userId}`
  }
}
