import type { SessionStore } from '../../contract/store.ts'

/** What is to be served by the adapter that is tested: sessions by these options, and one page for every request. */
export interface AdapterSite {
  /** For the adapter's `sessions(options)`, as they are. */
  options: AdapterSiteOptions
  /** The server is behind a proxy of its own, whose `X-Forwarded-Proto` is to be believed. */
  trustProxy: boolean
  /**
   * Answers each request, of whatever method and path, with its session. What it throws is to be left to the framework.
   *
   * `url`: the path with its query, as the client sent it.
   */
  page(session: AdapterSession, request: { method: string; url: string }): Promise<PageAnswer>
}

/** The options of a site's sessions: some of those that every entry takes. */
export interface AdapterSiteOptions {
  store: SessionStore
  cookie?: { name?: string; sameSite?: 'lax' | 'strict' | 'none'; expires?: 'browser' }
  clearSiteData?: readonly ('cache' | 'storage')[]
  onEvent(event: AdapterEvent): void
}

/** An event of untorn's, of which `key` is the beginning of a session's key. */
export interface AdapterEvent {
  type: string
  key?: string
}

/** What a page answers; a text, or a stream of texts that are sent as they come. */
export interface PageAnswer {
  status: number
  /** Each is one line of the head, of which several may have one name. */
  headers: [name: string, value: string][]
  body?: string | AsyncIterable<string>
}

/** What pages do with a session: part of what `PlainSession` of every entry has. */
export interface AdapterSession {
  readonly id: string
  readonly isNew: boolean
  readonly owner: string | undefined
  get(key: string): unknown
  update(key: string, fn: (value: number | undefined) => number): unknown
  flash(key: string, message: string): void
  flashes(key: string): unknown
  setExpiry(expiry: 'browser'): void
  save(): Promise<boolean>
  login(owner: string): Promise<void>
  rotate(): Promise<boolean>
  logout(): Promise<void>
  /** Its values. */
  // biome-ignore lint/suspicious/noExplicitAny: as every session whose values have no type has it
  [value: string]: any
}
