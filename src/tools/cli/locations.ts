export interface Known {
  /** As it is shown: nothing in it is secret. */
  label: string
  /** What two locations have in common that are the same store. */
  identity: string
  /** Texts that may stand in no message. */
  secrets: string[]
}

export interface FileLocation extends Known {
  kind: 'file'
  directory: string
}

export interface RedisLocation extends Known {
  kind: 'redis'
  tls: boolean
  cluster: boolean
  nodes: { host: string; port: number }[]
  username?: string
  password?: string
  database?: number
  prefix?: string
}

export interface PostgresLocation extends Known {
  kind: 'postgres'
  /** What the driver is given: without the parameters that are ours. */
  url: string
  table?: string
}

/** Of whom sessions are that are only read. */
export type Format = 'session-file-store' | 'django' | 'php' | 'connect-redis' | 'connect-pg-simple'

/** What others have stored: sessions come from there, and go to none of it. */
export interface ForeignLocation extends Known {
  kind: 'foreign'
  format: Format
  /** Where the files are, as the format has it. */
  path: string
  parameters: ReadonlyMap<string, string>
  /** In the place of a path. */
  server?: RedisLocation | PostgresLocation
}

/** A store, as it is named on the command line. */
export type StoreLocation = FileLocation | RedisLocation | PostgresLocation

/** A store, or what others have stored. */
export type Location = StoreLocation | ForeignLocation

export interface Context {
  /** The option that it is the value of, for messages. */
  option: string
  env: NodeJS.ProcessEnv
  cwd: string
}
