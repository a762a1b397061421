import { types } from 'node:util'
import { stringifySetCookie } from 'cookie'
import { InvalidOptionError } from '../errors.ts'
import {
  asBoolean,
  asObject,
  asOneOf,
  asText,
  needed,
  refuseUnknown,
  withDefaults,
} from '../options/checks.ts'
import type { AcceptedCookie } from './accepted.ts'
import { type CookieSettings, cookieDefaults } from './options.ts'
import { type CookieShape, isSameShape, prefixedName, prefixOf } from './shape.ts'

export const COOKIE_OPTIONS = [
  'name',
  'path',
  'domain',
  'sameSite',
  'secure',
  'partitioned',
  'prefix',
  'expires',
  'formerly',
  'accept',
]

const FOREIGN: Record<string, string> = {
  httpOnly: 'the session cookie is always HttpOnly, no script needs it',
  maxAge: 'the cookie lives as long as the session; set `lifetime`',
  signed: 'nothing is signed: the id in the cookie is random and unguessable',
}

export function checkCookieOptions(options: unknown): CookieSettings {
  if (typeof options === 'function') {
    throw new InvalidOptionError(
      'cookie',
      "an object is needed, not a function: the cookie is the same for every request, and `secure: 'auto'` makes it " +
        'Secure where the request came over https. For two kinds of cookies set up two `sessions()`, each with a ' +
        '`cookie.name` of its own',
    )
  }
  const cookieOptions = asObject('cookie', options)
  refuseUnknown('cookie.', cookieOptions, COOKIE_OPTIONS, FOREIGN)
  const given = withDefaults(cookieOptions, {
    ...cookieDefaults,
    domain: undefined,
    expires: undefined,
    accept: undefined,
  })
  const cookie: CookieSettings = {
    ...checkedShape('cookie.', given),
    sameSite: asOneOf('cookie.sameSite', given.sameSite, ['lax', 'strict', 'none']),
    secure: checkedSecure(given.secure),
    prefix: asBoolean('cookie.prefix', given.prefix),
    expires: given.expires === undefined ? undefined : checkedExpires(given.expires),
    formerly: [],
    accept: undefined,
  }
  const checked = withPrefixRules(withSecureRules(cookie))
  const formerly = checkedFormerly(given.formerly, checked)
  const accept =
    given.accept === undefined ? undefined : checkedAccept(given.accept, { ...checked, formerly })
  return { ...checked, formerly, accept }
}

function checkedShape(path: string, given: Record<keyof CookieShape, unknown>): CookieShape {
  return {
    name: checkedName(`${path}name`, given.name),
    path: checkedPath(`${path}path`, given.path),
    domain: given.domain === undefined ? undefined : checkedDomain(`${path}domain`, given.domain),
    partitioned: asBoolean(`${path}partitioned`, given.partitioned),
  }
}

function checkedSecure(given: unknown): CookieSettings['secure'] {
  if (typeof given === 'function') {
    throw new InvalidOptionError(
      'cookie.secure',
      "'auto' or true or false is needed, not a function: 'auto' follows each request, and is true where it came over https",
    )
  }
  return asOneOf('cookie.secure', given, ['auto', true, false])
}

function checkedExpires(given: unknown): 'browser' {
  if (given === 'browser') return given
  throw new InvalidOptionError(
    'cookie.expires',
    "only 'browser' can be set, for cookies that end with the browser; how long a session lives is `idleTimeout` and `lifetime`",
  )
}

function checkedFormerly(given: unknown, now: CookieSettings): CookieShape[] {
  if (!Array.isArray(given)) throw needed('cookie.formerly', 'a list of objects', given)
  return given.map((entry: unknown, at) => {
    const option = `cookie.formerly[${at}]`
    const former = asObject(option, entry)
    refuseUnknown(`${option}.`, former, ['name', 'domain', 'path', 'partitioned'], {
      prefix: 'a cookie is looked for with and without its prefix',
    })
    const byDefault = { name: now.name, domain: undefined, path: '/', partitioned: false }
    const shape = checkedShape(`${option}.`, withDefaults(former, byDefault))
    refusePrefixBroken(`${option}.`, shape)
    if (isSameShape(shape, now)) {
      throw new InvalidOptionError(
        option,
        'this is the cookie as it is now; say what was another before: its name, domain, path or partitioned',
      )
    }
    return shape
  })
}

const NOT_ACCEPTED: Record<string, string> = {
  secret: 'write `secrets: [...]`, with each that cookies may be signed with',
}

function checkedAccept(given: unknown, now: CookieSettings): AcceptedCookie {
  const accept = asObject('cookie.accept', given)
  const names = ['name', 'pattern', 'secrets', 'domain', 'path', 'partitioned']
  refuseUnknown('cookie.accept.', accept, names, NOT_ACCEPTED)
  const byDefault = { name: undefined, domain: undefined, path: '/', partitioned: false }
  const shape = checkedShape('cookie.accept.', withDefaults(accept, byDefault))
  refusePrefixBroken('cookie.accept.', shape)
  const formerly = now.formerly.map(({ name }) => name)
  if ([now.name, prefixedName(now), ...formerly].includes(shape.name)) {
    throw new InvalidOptionError(
      'cookie.accept.name',
      `'${shape.name}' is the name of the cookie of now, and an id has to be told from one of another library: set ` +
        'another `cookie.name`',
    )
  }
  const secrets = accept.secrets === undefined ? undefined : checkedSecrets(accept.secrets)
  const pattern = accept.pattern === undefined ? undefined : checkedPattern(accept.pattern)
  if (pattern === undefined && secrets === undefined) {
    throw new InvalidOptionError(
      'cookie.accept.pattern',
      'a regular expression is needed that such an id matches, or `cookie.accept.secrets`',
    )
  }
  return { ...shape, pattern, secrets }
}

function checkedPattern(pattern: unknown): RegExp {
  if (!types.isRegExp(pattern)) throw needed('cookie.accept.pattern', 'a regular expression', pattern)
  if (pattern.global || pattern.sticky) {
    throw new InvalidOptionError(
      'cookie.accept.pattern',
      'with the flags g and y it goes on where it was, at the next visitor: leave them out',
    )
  }
  return pattern
}

/** No message quotes one. */
function checkedSecrets(secrets: unknown): readonly string[] {
  const isText = (secret: unknown) => typeof secret === 'string' && secret !== ''
  if (Array.isArray(secrets) && secrets.length > 0 && secrets.every(isText)) return [...secrets]
  throw new InvalidOptionError('cookie.accept.secrets', 'a list of texts is needed, with one at least')
}

function withSecureRules(cookie: CookieSettings): CookieSettings {
  if (cookie.secure !== false) return cookie
  if (cookie.sameSite === 'none') {
    throw new InvalidOptionError('cookie.sameSite', "browsers refuse 'none' with `cookie.secure: false`")
  }
  if (cookie.partitioned) {
    throw new InvalidOptionError('cookie.partitioned', 'browsers refuse it with `cookie.secure: false`')
  }
  return cookie
}

/** A name that brings its prefix along is taken at its word. */
function withPrefixRules(cookie: CookieSettings): CookieSettings {
  const prefix = prefixOf(cookie.name)
  if (prefix === undefined) return cookie
  if (cookie.secure === false) {
    throw new InvalidOptionError('cookie.secure', `browsers refuse the name prefix ${prefix} without Secure`)
  }
  refusePrefixBroken('cookie.', cookie)
  return { ...cookie, secure: true, prefix: false }
}

function refusePrefixBroken(path: string, cookie: CookieShape): void {
  const prefix = prefixOf(cookie.name)
  if (prefix === undefined || !/^__host/i.test(prefix)) return
  if (cookie.path !== '/') {
    throw new InvalidOptionError(
      `${path}path`,
      `browsers refuse the name prefix ${prefix} with a path other than /`,
    )
  }
  if (cookie.domain !== undefined) {
    throw new InvalidOptionError(`${path}domain`, `browsers refuse the name prefix ${prefix} with a domain`)
  }
}

function checkedName(option: string, value: unknown): string {
  const name = asText(option, value)
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    throw new InvalidOptionError(option, `'${name}' has characters that a cookie's name can't have`)
  }
  return name
}

function checkedPath(option: string, value: unknown): string {
  const path = asText(option, value)
  if (!path.startsWith('/')) throw new InvalidOptionError(option, `'${path}' does not begin with /`)
  return accepted(option, path, () => stringifySetCookie({ name: 'n', value: 'v', path }))
}

function checkedDomain(option: string, value: unknown): string {
  const domain = asText(option, value)
  return accepted(option, domain, () => stringifySetCookie({ name: 'n', value: 'v', domain }))
}

function accepted(option: string, value: string, serialise: () => unknown): string {
  try {
    serialise()
  } catch {
    throw new InvalidOptionError(option, `'${value}' can't be sent in a cookie`)
  }
  return value
}
