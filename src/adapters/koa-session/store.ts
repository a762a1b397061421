import { type SessionKey, sessionKey } from '../../contract/key.ts'
import { invalidArgument } from '../../errors.ts'
import { assertName, WITHOUT_END } from '../kept/arguments.ts'
import { objectOf, textsOfObject } from '../kept/object.ts'
import type { CheckedSocket } from '../kept/options.ts'
import type { Base, KeptRecords } from '../kept/records.ts'

/** What koa-session says besides: `ctx` is the request. */
export interface KoaCall {
  readonly ctx?: object
}

/** What `session({ store })` of koa-session takes. */
export class KoaSessionStore {
  readonly #records: KeptRecords
  readonly #app: string
  readonly #browserSessions: number
  /** What each request was given. */
  readonly #given = new WeakMap<object, Map<SessionKey, Base>>()

  constructor({ records, app, idleTimeout }: CheckedSocket) {
    this.#records = records
    this.#app = app
    this.#browserSessions = idleTimeout
  }

  async get(id: string, _maxAge?: unknown, { ctx }: KoaCall = {}): Promise<object | undefined> {
    assertName('key', id)
    const key = sessionKey(id, this.#app)
    const base = await this.#records.load(key, id)
    if (base === undefined) return undefined
    this.#note(ctx, key, base)
    return objectOf(base.texts)
  }

  /** `maxAge`: milliseconds, or `'session'` where the cookie ends with the browser. */
  async set(id: string, session: object, maxAge?: unknown, { ctx }: KoaCall = {}): Promise<void> {
    assertName('key', id)
    if (typeof session !== 'object' || session === null)
      throw invalidArgument('session', 'an object is needed')
    const key = sessionKey(id, this.#app)
    const lives = this.#livesBy(maxAge)
    const texts = textsOfObject(session)
    const base = ctx && this.#given.get(ctx)?.get(key)
    if (base !== undefined) await this.#records.save(base, texts, lives)
    else this.#note(ctx, key, await this.#records.put(key, texts, lives))
  }

  async destroy(id: string, { ctx }: KoaCall = {}): Promise<void> {
    assertName('key', id)
    const key = sessionKey(id, this.#app)
    // A request that has destroyed its session may begin another one under the same id.
    if (ctx) this.#given.get(ctx)?.delete(key)
    await this.#records.store.delete(key)
  }

  /** Closes the store, so that the process can exit. */
  async close(): Promise<void> {
    await this.#records.store.close()
  }

  #note(ctx: object | undefined, key: SessionKey, base: Base): void {
    if (!ctx) return
    const given = this.#given.get(ctx) ?? new Map<SessionKey, Base>()
    this.#given.set(ctx, given.set(key, base))
  }

  #livesBy(maxAge: unknown): number {
    if (maxAge === undefined || maxAge === 'session') return this.#browserSessions
    if (typeof maxAge === 'number' && maxAge > 0) return Math.min(maxAge, WITHOUT_END)
    throw invalidArgument('maxAge', "a number of milliseconds above 0 is needed, or 'session'")
  }
}
