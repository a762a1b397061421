import { COOKIE_OPTIONS, checkCookieOptions } from '../cookie/check.ts'
import { InvalidOptionError } from '../errors.ts'
import {
  asBoolean,
  asFunction,
  asListOf,
  asNamed,
  asObject,
  asOneOf,
  asText,
  asWholeNumber,
  refuseUnknown,
  withDefaults,
} from '../options/checks.ts'
import { asMilliseconds } from '../options/duration.ts'
import { asStore } from '../options/store.ts'
import type { Limit } from '../owners/limit.ts'
import { CLEARABLE } from '../session/clearable.ts'
import type { OnEvent } from '../session/events.ts'
import { isReserved } from '../values/data.ts'
import type { Merge } from '../values/merge.ts'
import type { Serializer } from '../values/serializer.ts'
import { type CheckedOptions, defaults } from './options.ts'
import { optionsObject } from './options-object.ts'

const OPTIONS = [
  'store',
  'cookie',
  'app',
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
  'clearSiteData',
  'maxPerOwner',
  'onMaxPerOwner',
  'describe',
  'onEvent',
]

const UNSIGNED = 'leave it out; nothing is signed, as the id in the cookie is random and unguessable'
const PROXY =
  "in Express it is `app.set('trust proxy', 1)`, in Fastify `fastify({ trustProxy: ... })`, in Koa `app.proxy = true`; for node:http it " +
  'is an option of `sessions()` of untorn/node, `trustProxy`'

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
  expires:
    "set `idleTimeout` and `lifetime`; for cookies that end with the browser `cookie.expires: 'browser'`",
  ttl: 'set `idleTimeout` and `lifetime`',
  as: 'it is an option of `sessions()` of an adapter: it names the property of a request',
  trustProxy: PROXY,
  proxy: PROXY,
}

/** Throws {@link InvalidOptionError} for what is none of the options of `createSessions`. */
export function refuseUnknownOptions(given: Record<string, unknown>): void {
  refuseUnknown('', given, OPTIONS, FOREIGN)
}

/** The options with every default filled in. Throws {@link InvalidOptionError}, `CookieTooLargeError` comes later. */
export function checkOptions(options: unknown): CheckedOptions {
  const all = optionsObject(options)
  refuseUnknownOptions(all)
  const { store, app, idleTimeout, merge, serializer, maxPerOwner, describe, onEvent } = all
  const given = withDefaults(all, defaults)
  const lifetime = asMilliseconds('lifetime', given.lifetime)
  return {
    store: store === undefined ? undefined : asStore('store', store),
    app: app === undefined ? undefined : asText('app', app),
    cookie: checkCookieOptions(given.cookie),
    idleTimeout: checkedIdleTimeout(idleTimeout, lifetime),
    lifetime,
    rolling: asBoolean('rolling', given.rolling),
    merges: checkedMerges(merge),
    serializer: serializer === undefined ? undefined : checkedSerializer(serializer),
    maxBytes: asWholeNumber('maxBytes', given.maxBytes, { from: 1 }),
    maxKeys: asWholeNumber('maxKeys', given.maxKeys, { from: 1 }),
    maxDepth: asWholeNumber('maxDepth', given.maxDepth, { from: 1 }),
    retries: asWholeNumber('retries', given.retries, { from: 0 }),
    onStoreError: asOneOf('onStoreError', given.onStoreError, ['fail', 'anonymous']),
    clearSiteData: asListOf('clearSiteData', given.clearSiteData, CLEARABLE, "['cache', 'storage']"),
    limit: checkedLimit(maxPerOwner, given.onMaxPerOwner),
    describe:
      describe === undefined ? undefined : asFunction<(request: unknown) => unknown>('describe', describe),
    onEvent: onEvent === undefined ? undefined : asFunction<OnEvent>('onEvent', onEvent),
  }
}

function checkedIdleTimeout(given: unknown, lifetime: number): number {
  // A short lifetime alone is a whole wish; asking for both to be set would be a riddle.
  if (given === undefined) return Math.min(asMilliseconds('idleTimeout', defaults.idleTimeout), lifetime)
  const idleTimeout = asMilliseconds('idleTimeout', given)
  if (idleTimeout > lifetime) throw new InvalidOptionError('idleTimeout', 'it is longer than `lifetime`')
  return idleTimeout
}

function checkedLimit(most: unknown, given: unknown): Limit | undefined {
  const onMore = asOneOf('onMaxPerOwner', given, ['end-oldest', 'refuse'])
  return most === undefined ? undefined : { most: asWholeNumber('maxPerOwner', most, { from: 1 }), onMore }
}

function checkedMerges(given: unknown): ReadonlyMap<string, Merge<unknown>> {
  const merges = new Map<string, Merge<unknown>>()
  if (given === undefined) return merges
  for (const [key, merge] of Object.entries(asNamed('merge', given))) {
    if (merge === undefined) continue
    if (isReserved(key)) {
      throw new InvalidOptionError(`merge.${key}`, 'keys that begin with "untorn:" are the library\'s own')
    }
    merges.set(key, asFunction<Merge<unknown>>(`merge.${key}`, merge))
  }
  return merges
}

function checkedSerializer(given: unknown): Serializer {
  const serializer = asObject('serializer', given)
  asFunction('serializer.stringify', serializer.stringify)
  asFunction('serializer.parse', serializer.parse)
  return given as Serializer
}
