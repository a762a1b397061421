import { types } from 'node:util'
import type { SessionRecord } from '../contract/record.ts'
import { InvalidOptionError } from '../errors.ts'
import { needed } from '../options/checks.ts'
import { asMilliseconds, type Duration } from '../options/duration.ts'
import { reservedKeys } from '../values/data.ts'
import type { Codec } from '../values/serializer.ts'
import { APART, type Clock } from './clock.ts'
import type { Settings } from './settings.ts'

/** How one session expires: by the options, or as `setExpiry` said, which its record remembers. */
export type ExpiryMode = (
  | { kind: 'idle'; idle: number }
  /** As 'idle', with a cookie that ends with the browser. */
  | { kind: 'browser'; idle: number }
  | { kind: 'until'; at: number }
) & {
  /** Whatever the rest says, it is over then. */
  notAfter?: number
}

const WRITTEN = /^(idle|until) (\d{1,16})$/

/**
 * A session's times. The store is told a tenth of the idle timeout more than was promised, and again only when that
 * is used up: so it hears of a use at most every tenth, and what was promised at a use is never cut shorter. Nobody knows
 * when within that tenth it was last used, so it ends between the idle timeout and a tenth more after it.
 */
export class Expiry {
  readonly #settings: Settings
  readonly #codec: Codec
  readonly #byOptions: ExpiryMode

  constructor(settings: Settings, codec: Codec) {
    this.#settings = settings
    this.#codec = codec
    const kind = settings.cookie.expires === 'browser' ? 'browser' : 'idle'
    this.#byOptions = { kind, idle: settings.idleTimeout }
  }

  /** The mode that a record's values name. */
  mode(values: ReadonlyMap<string, string>): ExpiryMode {
    return this.modeOf(this.#read(values, reservedKeys.expiry), this.#read(values, reservedKeys.notAfter))
  }

  #read(values: ReadonlyMap<string, string>, key: string): unknown {
    const text = values.get(key)
    return text === undefined ? undefined : this.#codec.parse(key, text)
  }

  /**
   * By what {@link expiryText} wrote, and by the end that {@link endOf} gave; anything else is the options' mode, as with
   * a record of foreign origin.
   */
  modeOf(written: unknown, notAfter: unknown): ExpiryMode {
    const mode = this.#innerMode(written)
    return typeof notAfter === 'number' ? { ...mode, notAfter } : mode
  }

  #innerMode(written: unknown): ExpiryMode {
    if (typeof written !== 'string') return this.#byOptions
    const idle = this.#settings.idleTimeout
    if (written === 'browser') return { kind: 'browser', idle }
    const [, kind, number] = WRITTEN.exec(written) ?? []
    if (kind === 'until') return { kind, at: Number(number) }
    return kind === 'idle' ? { kind, idle: Number(number) } : this.#byOptions
  }

  /** From here on it is over, however it is used: its lifetime, or a Date it was given. */
  end(createdAt: number, mode: ExpiryMode): number {
    const lifetime = createdAt + this.#settings.lifetime
    const end = mode.notAfter === undefined ? lifetime : Math.min(mode.notAfter, lifetime)
    return mode.kind === 'until' ? Math.min(mode.at, end) : end
  }

  /** A record that the store still has may be too old all the same: the options may have become stricter. */
  isOver({ createdAt, values }: SessionRecord, now: number): boolean {
    return this.end(createdAt, this.mode(values)) <= now
  }

  /** Whether a client that has the cookie of one mode has to get another one for the other: its own would end wrongly. */
  needsCookie(createdAt: number, before: ExpiryMode, after: ExpiryMode): boolean {
    if (before.kind === 'browser' || after.kind === 'browser') return before.kind !== after.kind
    return this.end(createdAt, before) < this.end(createdAt, after)
  }

  /** Until when it lives if it is used at `now`, and not again. */
  promised(createdAt: number, mode: ExpiryMode, now: number): number {
    const end = this.end(createdAt, mode)
    return mode.kind === 'until' ? end : Math.min(now + mode.idle, end)
  }

  /** {@link promised}, as the store is told. */
  stored(createdAt: number, mode: ExpiryMode, now: number): number {
    const end = this.end(createdAt, mode)
    if (mode.kind === 'until') return end
    return Math.min(now + mode.idle + this.#slack(mode.idle), end)
  }

  /**
   * When it was last used, as far as the store was told; no earlier than that, and no later than it may have been. Where the
   * store was told by longer options nobody can tell: now, at the latest.
   */
  usedAt({ createdAt, expiresAt, values }: SessionRecord, now: number): number {
    const mode = this.mode(values)
    if (mode.kind === 'until') return createdAt
    return Math.min(now, Math.max(createdAt, expiresAt - mode.idle - this.#slack(mode.idle)))
  }

  // Without rolling a use is a change, which is written anyway: there is nothing to save by telling more.
  #slack(idle: number): number {
    return this.#settings.rolling ? Math.ceil(idle / 10) : 0
  }

  /**
   * What to tell the store of a use at `now`; `undefined`: it knows enough. An expiry that is later than this use can have
   * made it is of longer options, which hold no more.
   */
  noted({ createdAt, expiresAt }: SessionRecord, mode: ExpiryMode, now: number): number | undefined {
    if (mode.kind === 'until') return undefined
    const isEnough = expiresAt >= this.promised(createdAt, mode, now)
    const isTooMuch = expiresAt > now + mode.idle + this.#slack(mode.idle) + APART
    return isEnough && !isTooMuch ? undefined : this.stored(createdAt, mode, now)
  }

  /**
   * Seconds for the cookie; `undefined`: until the browser ends. The server keeps the idle timeout, and the cookie
   * lives as long as the session possibly can. So it is sent when a session is created, gets a new id or another
   * mode, and never to extend it: a slow response can't put an old id back over that of a new sign-in.
   */
  cookieMaxAge(createdAt: number, mode: ExpiryMode, now: number): number | undefined {
    if (mode.kind === 'browser') return undefined
    // Not 0, which would remove it.
    return Math.max(1, Math.ceil((this.end(createdAt, mode) - now) / 1000))
  }
}

/** The longest idle timeout with which a session has ended `longest` milliseconds after its last use, and no later. */
export function idleWithin(longest: number): number {
  return Math.floor((longest * 10) / 11)
}

/** What `setExpiry` was given, as the record keeps it. A Date is by the clock of this process, as who makes one looks there. */
export function expiryText(
  expiry: Duration | Date | 'browser' | undefined,
  clock: Clock,
): string | undefined {
  if (expiry === undefined || expiry === 'browser') return expiry
  if (!types.isDate(expiry)) return `idle ${asIdleTimeout(expiry)}`
  return `until ${endOf('setExpiry', expiry, clock)}`
}

/** The same back again, durations in milliseconds; `undefined`: as the options have it. */
export function expiryOf(written: unknown, clock: Clock): number | Date | 'browser' | undefined {
  if (written === 'browser') return written
  const [, kind, number] = WRITTEN.exec(typeof written === 'string' ? written : '') ?? []
  if (kind === undefined) return undefined
  return kind === 'until' ? new Date(clock.ownMoment(Number(number))) : Number(number)
}

/**
 * A Date that a session is to end at, in the store's time. Throws `InvalidOptionError`, which names `option`, for what is none
 * and for one that has passed.
 */
export function endOf(option: string, date: Date, clock: Clock): number {
  const at = types.isDate(date) ? date.getTime() : Number.NaN
  if (Number.isNaN(at)) throw new InvalidOptionError(option, 'the Date is not valid')
  const end = clock.moment(at)
  if (end <= clock.known) {
    throw new InvalidOptionError(option, 'the Date is not in the future; `destroy()` ends a session now')
  }
  return end
}

/** From here on a number is a moment of these years, and no length of time. */
const A_MOMENT = 1_000_000_000_000

function asIdleTimeout(expiry: unknown): number {
  if (typeof expiry !== 'number' && typeof expiry !== 'string') {
    throw needed('setExpiry', "a length of time such as '30m', a Date, 'browser' or undefined", expiry)
  }
  if (typeof expiry === 'number' && expiry >= A_MOMENT) {
    throw new InvalidOptionError('setExpiry', `a moment is given as a Date: write new Date(${expiry})`)
  }
  return asMilliseconds('setExpiry', expiry)
}
