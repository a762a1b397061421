import type { AcceptedCookie } from './accepted.ts'
import type { CookieShape } from './shape.ts'

/** The session cookie. It is always HttpOnly, and it lives as long as the session can, or until the browser ends. */
export interface CookieOptions {
  /**
   * Its name, without a prefix: on https the cookie is called `__Host-sid`, or `__Secure-sid` with a `domain` or a
   * `path` of its own, names that a browser takes from nobody but this host over https. One that has such a prefix
   * already is used as it is, and is then sent on https only. Default: `'sid'`. Change it where two applications
   * share a host.
   */
  name?: string
  /** The part of the site that gets it. Default: `'/'`. */
  path?: string
  /** The domain whose subdomains get it too. Default: none, this host alone. Set it to share a sign-in with subdomains. */
  domain?: string
  /**
   * Whether requests that other sites cause carry it: `'lax'` (links do, forms and scripts don't), `'strict'` (none;
   * whoever follows a link arrives signed out, and stays so where that page begins a session), `'none'` (all; https only). Default: `'lax'`. On http, where browsers
   * refuse `None`, a `'none'` is sent as `Lax`, and a warning says so, once.
   */
  sameSite?: 'lax' | 'strict' | 'none'
  /**
   * Whether it is for https only: `true`, `false`, or `'auto'`: as the request came. Default: `'auto'`. With `true` a
   * request that did not come over https gets no cookie, so no session is stored for it, and a warning says why.
   */
  secure?: 'auto' | boolean
  /**
   * A jar of its own for each site that embeds this one (CHIPS); https only, left out on http. Default: `false`. Set
   * it, with `sameSite: 'none'`, for what runs in other sites' frames.
   */
  partitioned?: boolean
  /** Whether the name gets its `__Host-` or `__Secure-` on https. Default: `true`. */
  prefix?: boolean
  /**
   * `'browser'`: it ends with the browser, but for the sessions that `setExpiry` gave an expiry of their own. Default:
   * it lives as long as the session can. The session itself ends by `idleTimeout` and `lifetime` either way.
   */
  expires?: 'browser'
  /**
   * What the cookie was before its options were changed. Browsers keep a cookie of another domain, path or jar beside the new
   * one and send both; those that are listed here are removed from the browser of whoever still has them. Default: `[]`. An
   * entry can go when every cookie of it has ended: after `lifetime`.
   */
  formerly?: readonly FormerCookieOptions[]
  /**
   * The cookie of the session library that the application had before, so that nobody is signed out by the change: who comes with
   * one, and with no live cookie of ours, is found by it, once. The session gets an id of our own; the answer brings its cookie and
   * removes the old one. Until the old session would have ended, the old cookie goes on leading to the new session, for a browser
   * that never got the answer; not any more once the visitor has signed in or out, or got another id. Default: none.
   *
   * The session has to be in `store`: as a rule in the `from` of a `moving({ from, to })`, or because the store was used by
   * `untorn/express-session` before. An id that has no session is nobody's, and never becomes a session's. The option can go when
   * every session of before has ended.
   *
   * Who can plant a cookie on another subdomain, or on the network where a site is served over http as well, can plant this one,
   * as they could before: a name without `__Host-` is nobody's. `login()` ends what they may have planted.
   *
   * ```ts
   * sessions({
   *   store: moving({ from: sessionFileStore('./sessions'), to: fileStore() }),
   *   cookie: { accept: { name: 'connect.sid', secrets: ['the secret of express-session'] } },
   * })
   * ```
   */
  accept?: AcceptedCookieOptions
}

/** A cookie that another library has set. What is left out of `path`, `domain` and `partitioned` was not set by it. */
export interface AcceptedCookieOptions {
  /** Its name, whole: `connect.sid`, `PHPSESSID`, `sessionid`. */
  name: string
  /**
   * What the value has to match, percent-decoded and without its signature. The id is what the first group has matched, or the
   * whole match of a pattern without groups: `/^([a-z0-9]{32})$/`. Without the flags `g` and `y`. An id has 1 to 256 visible
   * characters of ASCII. What has the form of an id of untorn's (43 letters, digits, `-` and `_`) is taken for none without `secrets`,
   * whatever the pattern says, and its cookie is left alone. Default: the whole value, only with `secrets`; without them it is needed.
   */
  pattern?: RegExp
  /**
   * The secrets that it is signed with, one of them, as express-session and @fastify/session do (HMAC-SHA256): a cookie that none
   * of them has signed is not looked up, and left alone. Default: signatures are not looked at.
   */
  secrets?: readonly string[]
  /** Default: none. Without the right one a browser does not remove it. */
  domain?: string
  /** Default: `'/'`. */
  path?: string
  /** Default: `false`. */
  partitioned?: boolean
}

/**
 * A cookie as it was set before. What is left out was not set: `{}` is one of this name, for the path `/` and this host alone.
 *
 * Who comes with a cookie of another name (`sid` before, `shop` now; `__Secure-` before there was no `domain` any more, and
 * `__Host-` now) stays signed in: it is read once, and replaced by one of the name of now. A name without such a prefix is
 * never read on https, since anybody on the network can plant it. One with `__Secure-` can be planted by whoever serves another
 * subdomain, for as long as the entry is there.
 */
export interface FormerCookieOptions {
  /** Default: the `name` of now. */
  name?: string
  /** Default: none. */
  domain?: string
  /** Default: `'/'`. */
  path?: string
  /** Default: `false`. */
  partitioned?: boolean
}

/** Every default. */
export const cookieDefaults = {
  name: 'sid',
  path: '/',
  sameSite: 'lax',
  secure: 'auto',
  partitioned: false,
  prefix: true,
  formerly: [],
} as const satisfies CookieOptions

/** {@link CookieOptions} after the check. */
export interface CookieSettings extends CookieShape {
  sameSite: 'lax' | 'strict' | 'none'
  secure: 'auto' | boolean
  prefix: boolean
  expires: 'browser' | undefined
  formerly: readonly CookieShape[]
  accept: AcceptedCookie | undefined
}
