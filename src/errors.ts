import { knownToAllCopies } from './across-copies.ts'

/**
 * Every error of untorn: a class and a stable `code` each. Messages may change, codes don't. None ever holds a session
 * id; what the system said is the `cause`.
 *
 * One is of another class: an argument of a kind that no program should pass to a store is a `TypeError`, as it is with
 * calls of Node.js, and has the code `UNTORN_INVALID_ARGUMENT`.
 */
export class UntornError extends Error {
  /** Stable across releases: test this, or the class, never the message. */
  readonly code: string
  /**
   * Of the answer to a request that meets it, where nobody answers otherwise; Express takes it from here, too. 500: the
   * application is to be put right. 503: the same request may work in a while. Each class says its own.
   */
  readonly status: number

  /** `status`: 500 if nothing is said. */
  constructor(code: string, message: string, options?: { cause?: unknown; status?: number }) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.status = options?.status ?? 500
  }
}

/** What a request is answered with that meets an error which nobody else answers. */
export function statusOf(error: unknown): number {
  return error instanceof UntornError ? error.status : 500
}

/** A store can't be used as it is set up: its directory, its rights, its file system. `UNTORN_STORE_CONFIG`, status 500 */
export class StoreConfigError extends UntornError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('UNTORN_STORE_CONFIG', message, options)
  }
}

/** Another process held the session for too long. Nothing is lost; trying again is right. `UNTORN_STORE_BUSY`, status 503 */
export class StoreBusyError extends UntornError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('UNTORN_STORE_BUSY', message, { ...options, status: 503 })
  }
}

/** The system under the store failed; `cause` is its error. Nothing acknowledged is lost. `UNTORN_STORE_UNAVAILABLE`, status 503 */
export class StoreUnavailableError extends UntornError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('UNTORN_STORE_UNAVAILABLE', message, { ...options, status: 503 })
  }
}

/**
 * The session was destroyed, has expired or got another id: the changes were not saved. `UNTORN_SESSION_GONE`, status 409:
 * who has only another id is signed in still, so that it is no 401.
 */
export class SessionGoneError extends UntornError {
  constructor() {
    super(
      'UNTORN_SESSION_GONE',
      'The session was signed out, has expired or got another id while this request was under way, so nothing was ' +
        'saved. Answer as for an anonymous visitor.',
      { status: 409 },
    )
  }
}

/**
 * Nobody has signed in as lately as is asked for here. Ask for the password again, then call `confirm()`.
 * `UNTORN_FRESH_LOGIN_REQUIRED`, status 401
 */
export class FreshLoginRequiredError extends UntornError {
  constructor() {
    super(
      'UNTORN_FRESH_LOGIN_REQUIRED',
      'This needs a sign-in that is more recent than that of this session, or there is none. Ask who it is again, then ' +
        'call `session.confirm()`, or `session.login()` where nobody is signed in.',
      { status: 401 },
    )
  }
}

/** While somebody signed in all sessions of theirs were ended. Ask for the password again. `UNTORN_SIGN_IN_REVOKED`, status 401 */
export class SignInRevokedError extends UntornError {
  constructor() {
    super(
      'UNTORN_SIGN_IN_REVOKED',
      'All sessions of this owner were ended after the request arrived that signs in, so that it was not carried out: what ' +
        'it was granted by, a password perhaps, may not hold any more. Ask for it again. A request that ends all sessions ' +
        'of somebody and signs them in calls `login()` first, then `session.revokeOthers()`.',
      { status: 401 },
    )
  }
}

/** The owner is signed in on as many devices as `maxPerOwner` allows. `UNTORN_TOO_MANY_SESSIONS`, status 403 */
export class TooManySessionsError extends UntornError {
  /** The option `maxPerOwner`. */
  readonly limit: number

  constructor(limit: number) {
    super(
      'UNTORN_TOO_MANY_SESSIONS',
      `The owner is signed in on ${limit} devices, which is the most that \`maxPerOwner\` allows, so nobody was signed in. ` +
        "Let them end one of `session.devices()` elsewhere, or set `onMaxPerOwner: 'end-oldest'`.",
      { status: 403 },
    )
    this.limit = limit
  }
}

/**
 * A page of another site has opened a socket, with the cookie of its visitor; a browser says so in the header `Origin`.
 * `UNTORN_FOREIGN_ORIGIN`, status 403
 */
export class ForeignOriginError extends UntornError {
  constructor() {
    super(
      'UNTORN_FOREIGN_ORIGIN',
      'A socket was refused, as its header Origin names another site than the one that it was opened to: any page can open ' +
        "one with its visitor's cookie. If those pages are yours, name their origins in the option `origins`. Behind a proxy " +
        'that changes the header Host, let it set X-Forwarded-Host, and trust it: `trustProxy: true`.',
      { status: 403 },
    )
  }
}

/** Others changed the session at every try. `UNTORN_SESSION_CONFLICT`, status 503 */
export class SessionConflictError extends UntornError {
  constructor(tries: number) {
    super(
      'UNTORN_SESSION_CONFLICT',
      `The session was changed by other requests at each of ${tries} tries, so nothing was saved. ` +
        'Try the request again, or raise the option `retries`.',
      { status: 503 },
    )
  }
}

/** A value can't be stored as it is. `UNTORN_NOT_SERIALISABLE`, status 500 */
export class NotSerialisableError extends UntornError {
  /** The session's key that the value was set at. */
  readonly key: string

  constructor(key: string, why: string, options?: { cause?: unknown }) {
    super(
      'UNTORN_NOT_SERIALISABLE',
      `The session value "${key}" can't be stored: ${why}. Store plain data, or set the option \`serializer\`.`,
      options,
    )
    this.key = key
  }
}

/** A session has grown over a limit; nothing was written. `UNTORN_SESSION_TOO_LARGE`, status 500 */
export class SessionTooLargeError extends UntornError {
  /** What the limit counts. */
  readonly limitOf: 'bytes' | 'keys'
  readonly size: number
  readonly limit: number
  /** The key whose value is the largest. */
  readonly largestKey: string

  constructor(found: { limitOf: 'bytes' | 'keys'; size: number; limit: number; largestKey: string }) {
    const option = found.limitOf === 'bytes' ? 'maxBytes' : 'maxKeys'
    super(
      'UNTORN_SESSION_TOO_LARGE',
      `The session would have ${found.size} ${found.limitOf}, the limit is ${found.limit}; its largest value is ` +
        `"${found.largestKey}". Keep large data in a database and its id in the session, or raise \`${option}\`.`,
    )
    this.limitOf = found.limitOf
    this.size = found.size
    this.limit = found.limit
    this.largestKey = found.largestKey
  }
}

/** A Set-Cookie line would be longer than browsers take (4096 bytes). `UNTORN_COOKIE_TOO_LARGE`, status 500 */
export class CookieTooLargeError extends UntornError {
  constructor(size: number, limit: number) {
    super(
      'UNTORN_COOKIE_TOO_LARGE',
      `The session cookie would have ${size} bytes, browsers keep at most ${limit}. ` +
        'Shorten `cookie.name`, `cookie.path` or `cookie.domain`.',
    )
  }
}

/** An option, or an argument that takes the place of one, is not usable. `UNTORN_INVALID_OPTION`, status 500 */
export class InvalidOptionError extends UntornError {
  /** The option's name, with its path: `cookie.sameSite`. */
  readonly option: string

  constructor(option: string, why: string) {
    super('UNTORN_INVALID_OPTION', `Invalid option \`${option}\`: ${why}${why.endsWith('?') ? '' : '.'}`)
    this.option = option
  }
}

/** The library is called in a way that can't work; the message says what to change. `UNTORN_MISUSE`, status 500 */
export class MisuseError extends UntornError {
  constructor(message: string) {
    super('UNTORN_MISUSE', message)
  }
}

/** An error for an argument of the wrong kind. `why` quotes nothing of what was given: it may be secret. */
export function invalidArgument(argument: string, why: string): TypeError & { readonly code: string } {
  return Object.assign(new TypeError(`Invalid argument \`${argument}\`: ${why}.`), {
    code: 'UNTORN_INVALID_ARGUMENT',
  })
}

const ALL = {
  UntornError,
  StoreConfigError,
  StoreBusyError,
  StoreUnavailableError,
  SessionGoneError,
  FreshLoginRequiredError,
  SignInRevokedError,
  TooManySessionsError,
  ForeignOriginError,
  SessionConflictError,
  NotSerialisableError,
  SessionTooLargeError,
  CookieTooLargeError,
  InvalidOptionError,
  MisuseError,
}
for (const [name, error] of Object.entries(ALL)) knownToAllCopies(error, name)
