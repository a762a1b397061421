import type { SessionStore } from '../../contract/store.ts'
import { InvalidOptionError } from '../../errors.ts'
import { asOptions, asText } from '../../options/checks.ts'
import { asMilliseconds, type Duration } from '../../options/duration.ts'
import { asStore } from '../../options/store.ts'
import { KeptRecords } from './records.ts'

/** What every socket for untorn's stores takes. */
export interface SocketOptions {
  /**
   * The name of this application, where several keep sessions in one store: an id is valid in the application that gave it out alone.
   * Default: the name of the entry, such as `'better-auth'`. Who changes it signs everybody out.
   */
  app?: string | undefined
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

/** Throws `InvalidOptionError`. */
export function checkSocketOptions(given: unknown, entry: string): { readonly app: string } {
  const { app = entry } = asOptions(given, ['app'])
  return { app: asApp(app) }
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
