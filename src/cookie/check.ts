import { stringifySetCookie } from 'cookie'
import { InvalidOptionError } from '../errors.ts'
import { asBoolean, asObject, asOneOf, asText, refuseUnknown, withDefaults } from '../options/checks.ts'
import { type CookieSettings, cookieDefaults } from './options.ts'

export const COOKIE_OPTIONS = ['name', 'path', 'domain', 'sameSite', 'secure', 'partitioned', 'prefix']

const FOREIGN: Record<string, string> = {
  httpOnly: 'the session cookie is always HttpOnly, no script needs it',
  maxAge: 'the cookie lives as long as the session; set `lifetime`',
  expires: 'the cookie lives as long as the session; set `lifetime`',
  signed: 'nothing is signed: the id in the cookie is random and unguessable',
}

// What browsers demand of a name that begins so; they compare without regard to case.
const PREFIX = /^__(host-http|host|secure|http)-/i

export function checkCookieOptions(options: unknown): CookieSettings {
  const cookieOptions = asObject('cookie', options)
  refuseUnknown('cookie.', cookieOptions, COOKIE_OPTIONS, FOREIGN)
  const given = withDefaults(cookieOptions, { ...cookieDefaults, domain: undefined })
  const cookie: CookieSettings = {
    name: checkedName(given.name),
    path: checkedPath(given.path),
    domain: given.domain === undefined ? undefined : checkedDomain(given.domain),
    sameSite: asOneOf('cookie.sameSite', given.sameSite, ['lax', 'strict', 'none']),
    secure: asOneOf('cookie.secure', given.secure, ['auto', true, false]),
    partitioned: asBoolean('cookie.partitioned', given.partitioned),
    prefix: asBoolean('cookie.prefix', given.prefix),
  }
  return withPrefixRules(withSecureRules(cookie))
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
  const prefix = PREFIX.exec(cookie.name)?.[0]
  if (prefix === undefined) return cookie
  if (cookie.secure === false) {
    throw new InvalidOptionError('cookie.secure', `browsers refuse the name prefix ${prefix} without Secure`)
  }
  if (/^__host/i.test(prefix)) {
    if (cookie.path !== '/') {
      throw new InvalidOptionError(
        'cookie.path',
        `browsers refuse the name prefix ${prefix} with a path other than /`,
      )
    }
    if (cookie.domain !== undefined) {
      throw new InvalidOptionError('cookie.domain', `browsers refuse the name prefix ${prefix} with a domain`)
    }
  }
  return { ...cookie, secure: true, prefix: false }
}

function checkedName(value: unknown): string {
  const name = asText('cookie.name', value)
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    throw new InvalidOptionError('cookie.name', `'${name}' has characters that a cookie's name can't have`)
  }
  return name
}

function checkedPath(value: unknown): string {
  const path = asText('cookie.path', value)
  if (!path.startsWith('/')) throw new InvalidOptionError('cookie.path', `'${path}' does not begin with /`)
  return accepted('cookie.path', path, () => stringifySetCookie({ name: 'n', value: 'v', path }))
}

function checkedDomain(value: unknown): string {
  const domain = asText('cookie.domain', value)
  return accepted('cookie.domain', domain, () => stringifySetCookie({ name: 'n', value: 'v', domain }))
}

function accepted(option: string, value: string, serialise: () => unknown): string {
  try {
    serialise()
  } catch {
    throw new InvalidOptionError(option, `'${value}' can't be sent in a cookie`)
  }
  return value
}
