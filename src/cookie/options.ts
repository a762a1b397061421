/** The session cookie. It is always HttpOnly, and how long it lives follows from the session. */
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
   * whoever follows a link arrives signed out), `'none'` (all; https only). Default: `'lax'`. On http, where browsers
   * refuse `None`, a `'none'` is sent as `Lax`.
   */
  sameSite?: 'lax' | 'strict' | 'none'
  /**
   * Whether it is for https only: `true`, `false`, or `'auto'`: as the request came. Default: `'auto'`. With `true` a
   * request that did not come over https gets no cookie, and a warning says why.
   */
  secure?: 'auto' | boolean
  /**
   * A jar of its own for each site that embeds this one (CHIPS); https only, left out on http. Default: `false`. Set
   * it, with `sameSite: 'none'`, for what runs in other sites' frames.
   */
  partitioned?: boolean
  /** Whether the name gets its `__Host-` or `__Secure-` on https. Default: `true`. */
  prefix?: boolean
}

/** Every default. */
export const cookieDefaults = {
  name: 'sid',
  path: '/',
  sameSite: 'lax',
  secure: 'auto',
  partitioned: false,
  prefix: true,
} as const satisfies CookieOptions

/** {@link CookieOptions} after the check. */
export type CookieSettings = Required<Omit<CookieOptions, 'domain'>> & { domain: string | undefined }
