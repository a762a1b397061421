/// <reference path="./express-session-ambient.d.ts" />
// biome-ignore-all lint/suspicious/noExplicitAny: what is called back with an error, and what a request is, is for applications to say
// biome-ignore-all lint/suspicious/noTsIgnore: the other declarations may be there or not, and neither is an error

// Written by hand, and put beside the declarations that the compiler makes: `export =` is what `import session from`,
// `import session = require()` and `require()` all take, under every setting of the compiler, and no ES module can say it.
// What is declared is what @types/express-session declares, so that code which was written with it compiles.

import type { CipherKey } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

// @ts-ignore: it may not be installed
import type theirs = require('@types/express-session')

import type { UntornOptions as OptionsOfUntorn } from './adapters/express-session/untorn-options.ts'
import type { SessionStore } from './contract/store.ts'

// Where @types/express-session is installed the compiler reads it, whoever imports it, and it says what `req.session` is. Two
// declarations of one property have to be the same: so here it is theirs then, and theirs has what an application declares here.
// @ts-ignore
declare module '@types/express-session' {
  interface SessionData extends Omit<session.SessionData, 'cookie'> {}
}

/** Of what can't be found every key is one. */
type IsMissing = string extends keyof theirs.Session ? true : false

declare global {
  namespace Express {
    interface Request {
      /** The values as plain properties, and the methods beside them. */
      session: IsMissing extends true
        ? session.Session & Partial<session.SessionData>
        : theirs.Session & Partial<theirs.SessionData>
      /** The secret that the cookie carries: never log it. */
      sessionID: string
      sessionStore: IsMissing extends true
        ? session.Store & { generate: (req: Request) => void }
        : theirs.Store & { generate: (req: Request) => void }
    }
  }
}

export = session

/**
 * express-session, by one changed import line: the same options, cookies, `req.session` and callbacks, with sessions in files, or
 * in `store`, which may be any store of untorn's or one that was made for express-session.
 *
 * ```ts
 * import session from 'untorn/express-session'
 *
 * app.use(session({ secret, resave: false, saveUninitialized: false }))
 * ```
 *
 * Requests that overlap keep each other's values, a session that was ended stays ended, and the answer leaves once what it
 * says is stored. Throws the `TypeError`s of express-session, `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for options of untorn's, and what
 * the store throws where it is set up.
 */
declare function session(
  options?: session.SessionOptions,
): (req: IncomingMessage, res: ServerResponse, next: (error?: any) => void) => void

/** What the middleware has as properties, and what it is described by. */
declare namespace session {
  /** What untorn adds to the options of express-session. */
  interface UntornOptions extends OptionsOfUntorn {}

  /** The options of express-session 1.19, with its defaults, and those of untorn's beside them. */
  interface SessionOptions extends UntornOptions {
    /** What the cookie is signed with. Of several the first signs, and all are accepted. */
    secret: CipherKey | readonly CipherKey[]
    /** Makes an id, which has to be unguessable. Default: 24 random bytes. */
    genid?(req: any): string
    /** Of the cookie. Default: `'connect.sid'`. */
    name?: string | undefined
    /** Default: files below `./.sessions`. */
    store?: Store | SessionStore | undefined
    /** Default: `{ path: '/', httpOnly: true, secure: false, maxAge: null }`. A function says it for each request. */
    cookie?: CookieOptions | ((req: any) => CookieOptions) | undefined
    /** Whether each answer sets the cookie. Default: `false`. */
    rolling?: boolean | undefined
    /** Whether a session that has not changed is saved. Over stores of untorn's never. */
    resave?: boolean | undefined
    /** Whether `X-Forwarded-Proto` says that a request is https. Default: as `trust proxy` of Express. */
    proxy?: boolean | undefined
    /** Whether a session with nothing in it is stored. Default: `true`. */
    saveUninitialized?: boolean | undefined
    /** What becomes of a session whose `req.session` is taken away. Default: `'keep'`. */
    unset?: 'destroy' | 'keep' | undefined
  }

  /** What `cookie` can say. */
  interface CookieOptions {
    /** Milliseconds that a session lives from each use. Without it the cookie ends with the browser. */
    maxAge?: number | undefined
    partitioned?: boolean | undefined
    priority?: 'low' | 'medium' | 'high' | undefined
    signed?: boolean | undefined
    expires?: Date | null | undefined
    httpOnly?: boolean | undefined
    path?: string | undefined
    domain?: string | undefined
    /** `'auto'`: where the request came over https. */
    secure?: boolean | 'auto' | undefined
    encode?: ((val: string) => string) | undefined
    /** `'auto'`: `'none'` where the request came over https, else `'lax'`. */
    sameSite?: boolean | 'lax' | 'strict' | 'none' | 'auto' | undefined
  }

  /**
   * The values of `req.session`, for an application to fill in:
   *
   * ```ts
   * declare module 'express-session' {
   *   interface SessionData {
   *     views: number
   *   }
   * }
   * ```
   *
   * Where nothing else in that file is imported or exported, `import 'untorn/express-session'` has to stand above it.
   */
  interface SessionData {
    cookie: Cookie
  }

  /** What `req.session` is besides its values. */
  class Session {
    private constructor(request: any, data: SessionData)
    /** The secret that the cookie carries: never log it. */
    id: string
    cookie: Cookie
    /** Ends the session; `req.session` becomes a new and empty one with another id. */
    regenerate(callback: (err: any) => void): this
    /** Ends the session; `req.session` is gone. */
    destroy(callback?: (err: any) => void): this
    /** `req.session` becomes what is stored by now. */
    reload(callback: (err: any) => void): this
    /** The session lives its whole `cookie.originalMaxAge` from now on again. */
    resetMaxAge(): this
    /** Saves now what else is saved with the answer. */
    save(callback?: (err: any) => void): this
    /** The same as {@link resetMaxAge}; every request does it by itself. */
    touch(): this
  }

  /** `req.session.cookie`: how long the session lives, and how its cookie is sent. */
  class Cookie implements CookieOptions {
    constructor(options?: CookieOptions)
    originalMaxAge: number | null
    maxAge?: number | undefined
    signed?: boolean | undefined
    expires?: Date | null | undefined
    httpOnly?: boolean | undefined
    path?: string | undefined
    domain?: string | undefined
    secure?: boolean | 'auto' | undefined
    sameSite?: boolean | 'lax' | 'strict' | 'none' | undefined
    partitioned?: boolean | undefined
    priority?: 'low' | 'medium' | 'high' | undefined
  }

  /** What every store of express-session's derives from. */
  abstract class Store extends EventEmitter {
    /** Ends the session of the request, and gives it a new and empty one. */
    regenerate(req: any, callback: (err?: any) => any): void
    /** A session by its id, without a request. Nothing, if there is none. */
    load(sid: string, callback: (err: any, session?: SessionData) => any): void
    /** Makes the session of a request from what `get` has answered. */
    createSession(req: any, session: SessionData): Session & SessionData
    abstract get(sid: string, callback: (err: any, session?: SessionData | null) => void): void
    abstract set(sid: string, session: SessionData, callback?: (err?: any) => void): void
    abstract destroy(sid: string, callback?: (err?: any) => void): void
    all?(callback: (err: any, obj?: SessionData[] | { [sid: string]: SessionData } | null) => void): void
    length?(callback: (err: any, length?: number) => void): void
    clear?(callback?: (err?: any) => void): void
    /** Notes that a session was used. Without it, a use is noted by saving the session. */
    touch?(sid: string, session: SessionData, callback?: () => void): void
  }

  /** For tests: it never forgets a session, and no other process sees it. */
  class MemoryStore extends Store {
    get(sid: string, callback: (err: any, session?: SessionData | null) => void): void
    set(sid: string, session: SessionData, callback?: (err?: any) => void): void
    destroy(sid: string, callback?: (err?: any) => void): void
    all(callback: (err: any, obj?: { [sid: string]: SessionData } | null) => void): void
    length(callback: (err: any, length?: number) => void): void
    clear(callback?: (err?: any) => void): void
    touch(sid: string, session: SessionData, callback?: () => void): void
  }

  /** What {@link untornStore} makes. */
  interface UntornStore extends Store {
    /** What is handed out has the shape of what was stored: that of other middlewares is another one. */
    get(sid: string, callback: (err: any, session?: any) => void): void
    set(sid: string, session: object, callback?: (err?: any) => void): void
    /** Every session by its key, which is the hash of its id. */
    all(callback: (err: any, obj?: { [key: string]: SessionData } | null) => void): void
    /** The keys of all sessions. */
    ids(callback: (err: any, keys?: string[]) => void): void
    /** About how many there are: what has just ended may be counted. */
    length(callback: (err: any, length?: number) => void): void
    clear(callback?: (err?: any) => void): void
    touch(sid: string, session: SessionData, callback?: () => void): void
    /** Closes the store below, so that the process can exit. */
    close(): void | Promise<void>
  }

  /**
   * Any store of untorn's as a store of express-session's: for applications that keep that middleware, for `@fastify/session` and
   * for `express-openid-connect`. Only what a request has changed is written, only where the session still is. Throws
   * `InvalidOptionError` (`UNTORN_INVALID_OPTION`).
   */
  function untornStore(store: SessionStore, options?: UntornOptions): UntornStore
}
