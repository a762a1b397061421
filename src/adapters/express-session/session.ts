import { Cookie, type CookieData } from './cookie.ts'

/** What every callback of express-session's is: told of the error, if there was one. */
// biome-ignore lint/suspicious/noExplicitAny: callbacks declare the error as they like
export type Callback = (error?: any) => void

/** A session as a store keeps it. */
export interface StoredSession {
  cookie: CookieData | Cookie
  [name: string]: unknown
}

/** What a session needs of the request that it belongs to. */
export interface SessionRequest {
  sessionID: string
  sessionStore: SessionsOfStore
  session?: Session | null | undefined
}

/** What a session asks of its store. */
export interface SessionsOfStore {
  get(sid: string, callback: (error?: unknown, session?: StoredSession | null) => void): void
  set(sid: string, session: StoredSession, callback?: Callback): void
  destroy(sid: string, callback?: Callback): void
  regenerate(req: SessionRequest, callback: Callback): void
  createSession(req: SessionRequest, session: StoredSession): Session
}

/**
 * `req.session`: the values as plain properties, and these methods beside them, which no value can hide. Each gives back the
 * session, and tells its callback when it is done.
 */
export class Session {
  declare readonly req: SessionRequest
  declare readonly id: string
  declare cookie: Cookie;
  // biome-ignore lint/suspicious/noExplicitAny: any value, with no casts
  [name: string]: any

  constructor(req: SessionRequest, data?: object | null) {
    Object.defineProperty(this, 'req', { value: req })
    Object.defineProperty(this, 'id', { value: req.sessionID })
    if (typeof data !== 'object' || data === null) return
    const values = data as Record<string, unknown>
    for (const name in values) if (!(name in this)) this[name] = values[name]
  }

  /** The session lives its whole `cookie.originalMaxAge` from now on again. Every request does this by itself. */
  touch(): this {
    return this.resetMaxAge()
  }

  resetMaxAge(): this {
    this.cookie.maxAge = this.cookie.originalMaxAge
    return this
  }

  /** Saves now what else is saved with the answer. */
  save(callback?: Callback): this {
    this.req.sessionStore.set(this.id, this as unknown as StoredSession, callback ?? (() => {}))
    return this
  }

  /** `req.session` becomes what is stored by now. An error where there is nothing any more. */
  reload(callback: Callback): this {
    const { req } = this
    const store = req.sessionStore
    store.get(this.id, (error, data) => {
      if (error) return callback(error)
      if (!data) return callback(new Error('failed to load session'))
      store.createSession(req, data)
      callback()
    })
    return this
  }

  /** Ends the session; `req.session` is gone. */
  destroy(callback?: Callback): this {
    delete this.req.session
    this.req.sessionStore.destroy(this.id, callback)
    return this
  }

  /** Ends the session; `req.session` becomes a new and empty one with another id. */
  regenerate(callback: Callback): this {
    this.req.sessionStore.regenerate(this.req, callback)
    return this
  }
}

/** Makes the session of a request from what a store has, with a cookie that is one. */
export function sessionFrom(req: SessionRequest, data: StoredSession): Session {
  const expires = data.cookie.expires
  const { originalMaxAge } = data.cookie
  const cookie = new Cookie(data.cookie)
  // Of JSON it is a text.
  if (typeof expires === 'string') cookie.expires = new Date(expires)
  cookie.originalMaxAge = originalMaxAge
  data.cookie = cookie
  req.session = new Session(req, data)
  return req.session
}
