import { type SessionKey, sessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { SessionSource } from '../../contract/source.ts'
import type { LoadOptions, RecordsOptions } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import type { Call, Calls } from '../server/calls.ts'
import { type Content, recordOf, tooLarge } from './content.ts'
import { expressContent } from './express-content.ts'
import { assertKeyOf, isId } from './ids.ts'
import type { Chosen } from './source-options.ts'
import { misnamed, Unreadable, unreadable } from './unreadable.ts'

/** A session as a server has it. */
export interface Stored {
  /** JSON of express-session; `undefined`: it is too large. */
  text: string | undefined
  /** When it expires, by the server's clock. */
  expiresAt: number
}

/** What a server is asked. */
export interface Server {
  /** As messages name it. */
  readonly label: string
  readonly calls: Calls
  load(call: Call, id: string): Promise<Stored | undefined>
  /** All sessions that have not expired, by their ids or what stands in the place of one. */
  list(): AsyncIterable<[id: string, stored: Stored]>
  count(): Promise<number>
  /** Has the call shown the server's clock. */
  askClock(call: Call): Promise<void>
}

/** Sessions that express-session or @fastify/session keep on a server. They are read, and that is all. */
export class ServerSource implements SessionSource {
  readonly #server: Server
  readonly #chosen: Chosen
  /** Milliseconds that a session lives whose cookie does not say it. */
  readonly #ttl: number

  /** @internal */
  constructor(server: Server, ttl: number, chosen: Chosen) {
    this.#server = server
    this.#ttl = ttl
    this.#chosen = chosen
  }

  async load(key: SessionKey, { id }: LoadOptions = {}): Promise<SessionRecord | undefined> {
    const { app, tell } = this.#chosen
    assertKeyOf(key, id, app)
    if (id === undefined || !isId(id)) return undefined
    const { calls, label } = this.#server
    const stored = await calls.run('load a session', (call) => this.#server.load(call, id))
    try {
      return stored && this.#record(stored)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      tell(unreadable(label, key, error))
      return undefined
    }
  }

  async *records({ onUnreadable }: RecordsOptions = {}): AsyncGenerator<[SessionKey, SessionRecord]> {
    const { label } = this.#server
    for await (const [id, stored] of this.#server.list()) {
      if (!isId(id)) {
        onUnreadable?.(misnamed(label))
        continue
      }
      const key = sessionKey(id, this.#chosen.app)
      try {
        yield [key, this.#record(stored)]
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        onUnreadable?.(unreadable(label, key, error))
      }
    }
  }

  count(): Promise<number> {
    return this.#server.count()
  }

  now(): MaybePromise<number> {
    return this.#server.calls.now((call) => this.#server.askClock(call))
  }

  /** Waits for the calls under way and refuses others. The client stays open: it is the application's. */
  close(): Promise<void> {
    return this.#server.calls.close()
  }

  #record({ text, expiresAt }: Stored): SessionRecord {
    const { maxBytes } = this.#chosen
    if (text === undefined) throw tooLarge(maxBytes)
    const { values, cookie, expires, maxAge } = expressContent(text)
    // It is written with its cookie's end, and each use puts off the server's.
    const usedAt = expires === undefined || maxAge === undefined ? expiresAt - this.#ttl : expires - maxAge
    const content: Content = { values, cookie, expiresAt, usedAt: Math.min(usedAt, expiresAt) }
    return recordOf(content, maxBytes)
  }
}
