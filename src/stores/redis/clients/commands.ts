/** A page of the keys of one master: where the next one begins (`'0'`: this was the last), and the keys. */
export type ScanPage = [cursor: string, keys: string[]]

/** Looks at some of the keys of one master. */
export type Scan = (cursor: string, pattern: string) => Promise<ScanPage>

/** What the store asks of a client, whichever it is. */
export interface RedisCommands {
  /**
   * Sends a command, by its name in lower case, to the master that has the key; the key is among the arguments too.
   * Text comes back as text, and a map in whichever form the driver gives it.
   */
  send(key: string, command: string, args: string[]): Promise<unknown>
  /** One for each master there is now. */
  scans(): Promise<Scan[]>
  /** What the driver puts before each key by itself, and a key from a scan begins with. */
  readonly keyPrefix: string
}

/** Enough to make up for the way to the server and back, and not so many that it keeps others waiting. */
const KEYS_PER_PAGE = '200'

export function scanArguments(cursor: string, pattern: string): string[] {
  return [cursor, 'MATCH', pattern, 'COUNT', KEYS_PER_PAGE]
}
