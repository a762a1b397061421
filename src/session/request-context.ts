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
  method?: string
  /** Its header `Sec-Fetch-Site`, by which a browser says whether a page of another site asks. */
  fetchSite?: string
  /** The request itself, as the option `describe` is to see it. */
  request?: unknown
}
