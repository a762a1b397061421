import type { IncomingMessage } from 'node:http'
import type { SessionStore } from '../../contract/store.ts'
import type { Secret } from '../../cookie/signature.ts'
import { InvalidOptionError } from '../../errors.ts'
import { deprecated } from './deprecated.ts'
import { MemoryStore } from './memory-store.ts'
import { newSid } from './sid.ts'
import type { Store } from './store.ts'
import { checkUntornOptions, type UntornOptions } from './untorn-options.ts'
import { UntornStore } from './untorn-store.ts'

/** What `cookie` can say, as express-session has it. */
export interface CookieOptions {
  maxAge?: number | null | undefined
  expires?: Date | null | undefined
  httpOnly?: boolean | undefined
  path?: string | undefined
  domain?: string | undefined
  secure?: boolean | 'auto' | undefined
  sameSite?: boolean | 'lax' | 'strict' | 'none' | 'auto' | undefined
  partitioned?: boolean | undefined
  priority?: 'low' | 'medium' | 'high' | undefined
  signed?: boolean | undefined
  encode?: ((value: string) => string) | undefined
}

/** The options of express-session 1.19, with its defaults, and those of untorn's beside them. */
export interface SessionOptions extends UntornOptions {
  secret?: Secret | readonly Secret[] | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a request is whatever the framework has
  genid?: ((req: any) => string) | undefined
  name?: string | undefined
  key?: string | undefined
  store?: SessionStore | Store | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a request is whatever the framework has
  cookie?: CookieOptions | ((req: any) => CookieOptions) | undefined
  rolling?: boolean | undefined
  resave?: boolean | undefined
  proxy?: boolean | undefined
  saveUninitialized?: boolean | undefined
  unset?: 'destroy' | 'keep' | undefined
}

/** After the check. */
export interface Checked {
  readonly cookie: CookieOptions | ((req: IncomingMessage) => CookieOptions)
  readonly genid: (req: IncomingMessage) => string
  readonly name: string
  readonly store: Store
  /** The same, where it is over a store of untorn's. */
  readonly untorn: UntornStore | undefined
  readonly proxy: boolean | undefined
  /** Never over a store of untorn's: what has not changed is not written. */
  readonly resave: boolean
  readonly rolling: boolean
  readonly saveUninitialized: boolean
  /** `undefined`: `req.secret`, as cookie-parser sets it. */
  readonly secrets: readonly Secret[] | undefined
  readonly unsetDestroys: boolean
}

/** Throws the `TypeError`s of express-session, and `InvalidOptionError` for options of untorn's. */
export function checkOptions(given: SessionOptions, defaultStore: () => SessionStore): Checked {
  const { genid = newSid, secret, unset } = given
  if (typeof (genid || newSid) !== 'function') throw new TypeError('genid option must be a function')
  if (unset && unset !== 'destroy' && unset !== 'keep') {
    throw new TypeError('unset option must be "destroy" or "keep"')
  }
  if (Array.isArray(secret) && secret.length === 0) {
    throw new TypeError('secret option array must contain one or more strings')
  }
  if (given.saveUninitialized === undefined) {
    deprecated('undefined saveUninitialized option; provide saveUninitialized option')
  }
  if (!secret) deprecated('req.secret; provide secret option')
  const store = storeOf(given, defaultStore)
  const untorn = store instanceof UntornStore ? store : undefined
  return {
    cookie: given.cookie || {},
    genid: genid || newSid,
    name: given.name || given.key || 'connect.sid',
    store,
    proxy: given.proxy,
    untorn,
    resave: untorn === undefined && resaves(given.resave),
    rolling: Boolean(given.rolling),
    saveUninitialized: isOn(given.saveUninitialized),
    secrets: !secret ? undefined : Array.isArray(secret) ? (secret as Secret[]) : [secret as Secret],
    unsetDestroys: unset === 'destroy',
  }
}

function resaves(resave: boolean | undefined): boolean {
  if (resave === undefined) deprecated('undefined resave option; provide resave option')
  return isOn(resave)
}

/** Of an option that is on unless it is said to be off, by whatever is not true. */
function isOn(option: unknown): boolean {
  return option === undefined || Boolean(option)
}

function storeOf(given: SessionOptions, defaultStore: () => SessionStore): Store {
  const { store } = given
  // Options that can't be used are refused before anything is opened.
  const options = checkUntornOptions(given)
  if (!store) return new UntornStore(defaultStore(), options)
  if (isUntorn(store)) return new UntornStore(store, options)
  if (typeof (store as Partial<Store>).get !== 'function' || typeof store.on !== 'function') {
    throw new InvalidOptionError(
      'store',
      'it is neither a store of untorn, such as fileStore(), nor one of express-session, which has `get` and `on`',
    )
  }
  if (store instanceof MemoryStore && process.env.NODE_ENV === 'production') warnOfMemory()
  return store as Store
}

function isUntorn(store: SessionStore | Store): store is SessionStore {
  const { create, load, save, get } = store as Partial<SessionStore & Store>
  return [create, load, save].every((verb) => typeof verb === 'function') && typeof get !== 'function'
}

function warnOfMemory(): void {
  process.emitWarning(
    'MemoryStore is for tests: it never forgets a session, and no other process sees it. Leave `store` out, and sessions are ' +
      'kept in files.',
    { code: 'UNTORN_MEMORY_STORE' },
  )
}
