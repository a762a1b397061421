import { asOptions, asText } from '../../options/checks.ts'

/** What every socket for untorn's stores takes. */
export interface SocketOptions {
  /**
   * The name of this application, where several keep sessions in one store: an id is valid in the application that gave it out alone.
   * Default: the name of the entry, such as `'better-auth'`. Who changes it signs everybody out.
   */
  app?: string | undefined
}

/** Throws `InvalidOptionError`. */
export function checkSocketOptions(given: unknown, entry: string): { readonly app: string } {
  const { app = entry } = asOptions(given, ['app'])
  return { app: asText('app', app) }
}
