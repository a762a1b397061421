import type { SessionStore } from '../contract/store.ts'
import { COOKIE_OPTIONS, checkCookieOptions } from '../cookie/check.ts'
import { InvalidOptionError } from '../errors.ts'
import { boolean, callable, known, objectOf, oneOf, wholeNumber } from '../options/checks.ts'
import { milliseconds } from '../options/duration.ts'
import type { OnEvent } from '../session/events.ts'
import { isReserved } from '../values/data.ts'
import type { Merge } from '../values/merge.ts'
import type { Serializer } from '../values/serialise.ts'
import { type CheckedOptions, defaults } from './options.ts'
import { optionsObject } from './options-object.ts'

const OPTIONS = [
  'store',
  'cookie',
  'idleTimeout',
  'lifetime',
  'rolling',
  'merge',
  'serializer',
  'maxBytes',
  'maxKeys',
  'maxDepth',
  'retries',
  'onStoreError',
  'onEvent',
]

const UNSIGNED = 'leave it out; nothing is signed, as the id in the cookie is random and unguessable'
const PROXY =
  "in Express it is `app.set('trust proxy', 1)`; for node:http it is an option of `sessions()` of untorn/node, `trustProxy`"

/** What people bring along from other libraries, or to the wrong place. */
const FOREIGN: Record<string, string> = {
  ...Object.fromEntries(COOKIE_OPTIONS.map((name) => [name, `set \`cookie.${name}\``])),
  key: 'set `cookie.name`',
  secret: UNSIGNED,
  secrets: UNSIGNED,
  keys: UNSIGNED,
  resave: 'leave it out; a session is saved when something in it changed, and only then',
  saveUninitialized: 'leave it out; a session is stored when something is first put in it',
  unset: 'call `session.destroy()`',
  genid: 'ids are made by the library and nobody else',
  maxAge: 'set `idleTimeout` and `lifetime`',
  ttl: 'set `idleTimeout` and `lifetime`',
  trustProxy: PROXY,
  proxy: PROXY,
}

/** Throws {@link InvalidOptionError} for what is none of the options of `createSessions`. */
export function refuseUnknown(given: Record<string, unknown>): void {
  known('', given, OPTIONS, FOREIGN)
}

/** The options with every default filled in. Throws {@link InvalidOptionError}, `CookieTooLargeError` comes later. */
export function checkOptions(options: unknown): CheckedOptions {
  const given = optionsObject(options)
  refuseUnknown(given)
  const lifetime = milliseconds('lifetime', given.lifetime ?? defaults.lifetime)
  return {
    store: given.store === undefined ? undefined : checkedStore(given.store),
    cookie: checkCookieOptions(given.cookie),
    idleTimeout: checkedIdleTimeout(given.idleTimeout, lifetime),
    lifetime,
    rolling: boolean('rolling', given.rolling ?? defaults.rolling),
    merges: checkedMerges(given.merge),
    serializer: given.serializer === undefined ? undefined : checkedSerializer(given.serializer),
    maxBytes: wholeNumber('maxBytes', given.maxBytes ?? defaults.maxBytes, 1),
    maxKeys: wholeNumber('maxKeys', given.maxKeys ?? defaults.maxKeys, 1),
    maxDepth: wholeNumber('maxDepth', given.maxDepth ?? defaults.maxDepth, 1),
    retries: wholeNumber('retries', given.retries ?? defaults.retries, 0),
    onStoreError: oneOf('onStoreError', given.onStoreError ?? defaults.onStoreError, ['fail', 'anonymous']),
    onEvent: given.onEvent === undefined ? undefined : (callable('onEvent', given.onEvent) as OnEvent),
  }
}

function checkedIdleTimeout(given: unknown, lifetime: number): number {
  // A short lifetime alone is a whole wish; asking for both to be set would be a riddle.
  if (given === undefined) return Math.min(milliseconds('idleTimeout', defaults.idleTimeout), lifetime)
  const idleTimeout = milliseconds('idleTimeout', given)
  if (idleTimeout > lifetime) throw new InvalidOptionError('idleTimeout', 'it is longer than `lifetime`')
  return idleTimeout
}

const STORE_METHODS = ['create', 'load', 'save', 'exists', 'delete', 'clearExpired', 'records', 'close']

function checkedStore(given: unknown): SessionStore {
  const store = objectOf('store', given)
  for (const method of STORE_METHODS) {
    if (typeof store[method] !== 'function') {
      throw new InvalidOptionError(
        'store',
        `it has no method \`${method}\`; is it made by a function of untorn?`,
      )
    }
  }
  return given as SessionStore
}

function checkedMerges(given: unknown): ReadonlyMap<string, Merge<unknown>> {
  const merges = new Map<string, Merge<unknown>>()
  if (given === undefined) return merges
  for (const [key, merge] of Object.entries(objectOf('merge', given))) {
    if (merge === undefined) continue
    if (isReserved(key)) {
      throw new InvalidOptionError(`merge.${key}`, 'keys that begin with "untorn:" are the library\'s own')
    }
    merges.set(key, callable(`merge.${key}`, merge) as Merge<unknown>)
  }
  return merges
}

function checkedSerializer(given: unknown): Serializer {
  const serializer = objectOf('serializer', given)
  callable('serializer.stringify', serializer.stringify)
  callable('serializer.parse', serializer.parse)
  return given as Serializer
}
