/** What `open` has to know of a request besides its cookies. */
export interface RequestContext {
  /** The request came over https, to this server or to a proxy that it trusts. Default: true. */
  secure?: boolean
  /**
   * When it arrived, in milliseconds since the epoch by the clock of this process. Default: now. Say it where a session is opened later than that: a
   * request that shows an id which was replaced after it arrived must not begin a session, and a sign-in whose password was
   * checked before a revocation must not survive it.
   */
  arrivedAt?: number
  /** The request's method, such as `GET`. */
  method?: string | undefined
  /**
   * Its header `Sec-Fetch-Site`, by which a browser says whether a page of another site has caused it. Say it together with
   * `method`, `fetchMode` and `fetchDest`.
   *
   * Such a request comes without the visitor's cookie (`cookie.sameSite`), so that a new one would take the place of one that
   * nobody sees. With `cross-site` no session begins: none is stored, no cookie is made, and the event `cross-site` tells. `save()` and
   * `begin()` throw `SessionGoneError` (`UNTORN_SESSION_GONE`). It begins all the same where a link was followed, where
   * `login()` or `rotate()` was called, and with `cookie.sameSite: 'none'`. Without this header nothing is known, and every session
   * begins.
   */
  fetchSite?: string | null | undefined
  /**
   * Its header `Sec-Fetch-Mode`: by `navigate` a link that is followed is told from an image or a script, which are fetched by
   * GET as well and come without the cookie. Default: the method alone decides.
   */
  fetchMode?: string | null | undefined
  /** Its header `Sec-Fetch-Dest`: by `iframe` and the like a frame is told from a tab; it comes without the cookie, too. */
  fetchDest?: string | null | undefined
  /** The request itself, as the option `describe` is to see it. */
  request?: unknown
}
