import { callSafely } from '../../events/reporter.ts'
import { warnOnce } from '../../events/warn-once.ts'
import { asFunction, asText, asWholeNumber } from '../../options/checks.ts'

/** What can be told of every source of other people's sessions. */
export interface SourceOptions {
  /** The option `app` of `createSessions`, where the application has one: it is part of a session's key. */
  app?: string
  /**
   * The most that a session may have, in bytes: one with more is not read. As `maxBytes` of `createSessions`; what lies there
   * may have some more, where a format needs it. Default: 131072 (128 KiB).
   */
  maxBytes?: number
  /**
   * Told of a session that is asked for and can't be read: damaged, too large, forged. It counts as none. Nothing of its
   * content is in the error, and no id. Default: a warning of the process, the first time. (A listing tells who lists.)
   */
  onUnreadable?: (error: Error) => void
}

/** The same, checked. */
export interface Chosen {
  app: string | undefined
  maxBytes: number
  tell: (error: Error) => void
}

export const OPTIONS = ['app', 'maxBytes', 'onUnreadable'] as const

/** The default of `createSessions`. */
const MAX_BYTES = 128 * 1024

/** Texts are in memory whole. */
const MOST_BYTES = 64 * 1024 * 1024

/** Throws `InvalidOptionError`. */
export function chosen({
  app,
  maxBytes = MAX_BYTES,
  onUnreadable,
}: Partial<Record<keyof SourceOptions, unknown>>): Chosen {
  return {
    app: app === undefined ? undefined : asText('app', app),
    maxBytes: asWholeNumber('maxBytes', maxBytes, { from: 1, to: MOST_BYTES }),
    tell: onUnreadable === undefined ? warn : telling(asFunction('onUnreadable', onUnreadable)),
  }
}

function warn({ message }: Error): void {
  warnOnce('UNTORN_UNREADABLE_SESSION', `${message} Others are not told of; see the option \`onUnreadable\`.`)
}

function telling(listener: (error: Error) => void): (error: Error) => void {
  return (error) => callSafely(listener, error, () => {})
}

/** A number of seconds, as the libraries have it whose options these are. */
export function asSeconds(option: string, value: unknown): number {
  return 1000 * asWholeNumber(option, value, { from: 1, to: 3_155_760_000 })
}
