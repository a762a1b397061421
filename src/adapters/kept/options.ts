import type { SessionStore } from '../../contract/store.ts'
import { InvalidOptionError } from '../../errors.ts'
import { reporter } from '../../events/reporter.ts'
import { asFunction, asOptions, asText } from '../../options/checks.ts'
import { asMilliseconds, type Duration } from '../../options/duration.ts'
import { asStore } from '../../options/store.ts'
import type { OnEvent } from '../../session/events.ts'
import { KeptRecords } from './records.ts'

/** What every socket for untorn's stores takes. */
export interface SocketOptions {
  /**
   * The name of this application, where several keep sessions in one store: an id is valid in the application that gave it out alone.
   * Default: the name of the entry, such as `'better-auth'`. Who changes it signs everybody out.
   */
  app?: string | undefined
}

/** What a socket takes whose host lists sessions. */
export interface ListingSocketOptions extends SocketOptions {
  /**
   * Told of what can't be read of one session where many are listed, which is left out: the event `error`. What it throws breaks
   * nothing. Default: nobody.
   */
  onEvent?: OnEvent | undefined
}

/** What a socket takes whose host does not say how long a session lives. */
export interface LastingSocketOptions extends SocketOptions {
  /** How long a session lives without being used. Default: `'1d'`. */
  idleTimeout?: Duration | undefined
}

/** Where and how sessions are kept. */
export interface CheckedSocket {
  readonly records: KeptRecords
  readonly app: string
  /** In milliseconds. */
  readonly idleTimeout: number
}

/** The same where sessions are listed. */
export interface CheckedListingSocket {
  readonly records: KeptRecords
  readonly app: string
  /** Tells of what can't be read, and is left out of a list. */
  readonly unreadable: (error: unknown) => void
}

/** Throws `InvalidOptionError`. */
export function checkSocketOptions(given: unknown, entry: string): { readonly app: string } {
  const { app = entry } = asOptions(given, ['app'])
  return { app: asApp(app) }
}

/** The same of a socket whose host lists sessions, with a store. Throws `InvalidOptionError`. */
export function checkListingSocket(store: unknown, given: unknown, entry: string): CheckedListingSocket {
  const { app = entry, onEvent } = asOptions(given, ['app', 'onEvent'])
  const report =
    onEvent === undefined ? () => {} : reporter(asFunction<OnEvent>('onEvent', onEvent), `untorn/${entry}`)
  return {
    records: new KeptRecords(asStore('store', store) as SessionStore),
    app: asApp(app),
    unreadable: (error) => report({ type: 'error', error }),
  }
}

/** An item or an id may have spaces: the name in front of it, which ends with the first one, may not. */
export function asApp(app: unknown): string {
  const name = asText('app', app)
  if (/\s/.test(name)) throw new InvalidOptionError('app', 'it has white space in it, which ends a name')
  return name
}

/** The same with a store, and a life for sessions. */
export function checkSocket(store: unknown, given: unknown, entry: string): CheckedSocket {
  const { app = entry, idleTimeout = '1d' } = asOptions(given, ['app', 'idleTimeout'])
  return {
    records: new KeptRecords(asStore('store', store) as SessionStore),
    app: asApp(app),
    idleTimeout: asMilliseconds('idleTimeout', idleTimeout),
  }
}
