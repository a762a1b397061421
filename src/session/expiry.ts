import { types } from 'node:util'
import type { SessionRecord } from '../contract/record.ts'
import { InvalidOptionError } from '../errors.ts'
import { needed } from '../options/checks.ts'
import { asMilliseconds, type Duration } from '../options/duration.ts'
import { reservedKeys } from '../values/data.ts'
import type { Codec } from '../values/serialise.ts'
import type { Clock } from './clock.ts'
import type { Settings } from './settings.ts'

/** How one session expires: by the options, or as `setExpiry` said, which its record remembers. */
export type ExpiryMode =
  | { kind: 'idle'; idle: number }
  /** As 'idle', with a cookie that ends with the browser. */
  | { kind: 'browser'; idle: number }
  | { kind: 'until'; at: number }

/**
 * A session's times. The store is told a tenth of the idle timeout more than was promised, and again only when that
 * is used up: so it hears of a use at most every tenth, and what was promised at a use is never cut shorter.
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
    const text = values.get(reservedKeys.expiry)
    return this.modeOf(text === undefined ? undefined : this.#codec.parse(reservedKeys.expiry, text))
  }

  /** What {@link expiryText} wrote; anything else is the options' mode, as with a record of foreign origin. */
  modeOf(written: unknown): ExpiryMode {
    if (typeof written !== 'string') return this.#byOptions
    const idle = this.#settings.idleTimeout
    if (written === 'browser') return { kind: 'browser', idle }
    const [, kind, number] = /^(idle|until) (\d{1,16})$/.exec(written) ?? []
    if (kind === 'until') return { kind, at: Number(number) }
    return kind === 'idle' ? { kind, idle: Number(number) } : this.#byOptions
  }

  /** From here on it is over, however it is used: its lifetime, or the Date it was given. */
  end(createdAt: number, mode: ExpiryMode): number {
    const end = createdAt + this.#settings.lifetime
    return mode.kind === 'until' ? Math.min(mode.at, end) : end
  }

  /** A record that the store still has may be too old all the same: the options may have become stricter. */
  isOver({ createdAt, values }: SessionRecord, now: number): boolean {
    return this.end(createdAt, this.mode(values)) <= now
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
    // Without rolling a use is a change, which is written anyway: there is nothing to save by telling more.
    const slack = this.#settings.rolling ? Math.ceil(mode.idle / 10) : 0
    return Math.min(now + mode.idle + slack, end)
  }

  /** What to tell the store of a use at `now`; `undefined`: it knows enough. */
  extension(record: SessionRecord, mode: ExpiryMode, now: number): number | undefined {
    if (mode.kind === 'until') return undefined
    if (record.expiresAt >= this.promised(record.createdAt, mode, now)) return undefined
    return this.stored(record.createdAt, mode, now)
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

/** What `setExpiry` was given, as the record keeps it. A Date is by the clock of this process, as who makes one looks there. */
export function expiryText(
  expiry: Duration | Date | 'browser' | undefined,
  clock: Clock,
): string | undefined {
  if (expiry === undefined || expiry === 'browser') return expiry
  if (!types.isDate(expiry)) return `idle ${asIdleTimeout(expiry)}`
  const at = expiry.getTime()
  if (Number.isNaN(at)) throw new InvalidOptionError('setExpiry', 'the Date is not valid')
  if (at <= Date.now()) {
    throw new InvalidOptionError('setExpiry', 'the Date is not in the future; `destroy()` ends a session now')
  }
  return `until ${clock.moment(at)}`
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
