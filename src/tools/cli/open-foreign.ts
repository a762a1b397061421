import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  connectPgSimpleStore,
  connectRedisStore,
  djangoFiles,
  type KrupteinLike,
  type PhpHandler,
  phpFiles,
  type SessionSource,
  sessionFileStore,
} from '../../formats.ts'
import { StoreConfigError } from '../../index.ts'
import { UsageError } from './exit.ts'
import type { ForeignLocation, PostgresLocation, RedisLocation } from './locations.ts'
import { poolOf } from './postgres.ts'
import { connectRedis } from './redis.ts'

/** How what others have stored is read. */
export interface ForeignOptions {
  cwd: string
  concurrency: number
  /** Milliseconds in which a server has to answer. */
  deadline: number
  /** The first is the one of now. */
  sourceSecrets?: readonly string[]
  app?: string
}

interface OpenedSource {
  source: SessionSource
  end(): Promise<void> | void
}

/** Opens what others have stored, to be read. */
export async function openForeign(location: ForeignLocation, options: ForeignOptions): Promise<OpenedSource> {
  const { format, path } = location
  const { sourceSecrets: [secret, ...others] = [], app } = options
  const common = app === undefined ? {} : { app }
  const said = new Said(location.parameters)
  if (format !== 'django' && others.length > 0) {
    throw new UsageError('--secret is given once: only Django has keys of before.')
  }
  if (format !== 'django' && format !== 'session-file-store' && secret !== undefined) {
    throw new UsageError(
      `--secret is for sessions that are signed or encrypted, which those of ${format} are not.`,
    )
  }
  switch (format) {
    case 'session-file-store':
      return inFiles(
        sessionFileStore(path, {
          ...common,
          ...said.seconds({ ttl: 'ttl' }),
          ...said.texts({ fileExtension: 'extension' }),
          ...(secret !== undefined && { secret, kruptein: krupteinIn(options.cwd) }),
        }),
      )
    case 'django':
      if (secret === undefined)
        throw new UsageError('Sessions of Django need its SECRET_KEY: --secret env:SECRET_KEY.')
      return inFiles(
        djangoFiles(path, {
          ...common,
          secretKey: secret,
          fallbackKeys: others,
          ...said.texts({ cookieName: 'cookie-name' }),
          ...said.seconds({ cookieAge: 'cookie-age' }),
        }),
      )
    case 'php':
      return inFiles(
        phpFiles(path, {
          ...common,
          ...(said.texts({ handler: 'handler' }) as { handler?: PhpHandler }),
          ...said.seconds({ maxLifetime: 'max-lifetime' }),
        }),
      )
    case 'connect-redis':
      return onRedis(location.server as RedisLocation, options, common)
    case 'connect-pg-simple':
      return onPostgres(location.server as PostgresLocation, options, common)
  }
}

const inFiles = (source: SessionSource): OpenedSource => ({ source, end() {} })

const silent = (): void => {}

async function onRedis(
  server: RedisLocation,
  options: ForeignOptions,
  common: { app?: string },
): Promise<OpenedSource> {
  const { client, end } = await connectRedis(server, options)
  const { prefix } = server
  const deadline = `${options.deadline}ms` as const
  const source = connectRedisStore({
    ...{ client, deadline, onEvent: silent, ...common },
    ...(prefix !== undefined && { prefix }),
  })
  return { source, end }
}

function onPostgres(
  server: PostgresLocation,
  options: ForeignOptions,
  common: { app?: string },
): OpenedSource {
  const { client: pool, end } = poolOf(server, options)
  const [tableName, schemaName] = server.table?.split('.', 2).reverse() ?? []
  const deadline = `${options.deadline}ms` as const
  const source = connectPgSimpleStore({
    ...{ pool, deadline, onEvent: silent, ...common },
    ...(tableName !== undefined && { tableName }),
    ...(schemaName !== undefined && { schemaName }),
  })
  return { source, end }
}

/** As session-file-store has it by default. */
const CRYPTO = { algorithm: 'aes-256-gcm', hashing: 'sha512', use_scrypt: true }

/** The one that the application's session-file-store uses, which reads what it has written. */
function krupteinIn(cwd: string): KrupteinLike {
  const load = createRequire(join(cwd, 'package.json'))
  for (const from of [() => createRequire(load.resolve('session-file-store')), () => load]) {
    try {
      return from()('kruptein')(CRYPTO)
    } catch {}
  }
  throw new StoreConfigError(
    'Encrypted sessions of session-file-store are read with the package kruptein of your application, and there is none: run ' +
      `this where session-file-store is installed. Looked for from ${cwd}.`,
  )
}

/** Parameters of a location, by the options that they are. */
class Said {
  readonly #parameters: ReadonlyMap<string, string>

  constructor(parameters: ReadonlyMap<string, string>) {
    this.#parameters = parameters
  }

  texts<Option extends string>(named: Record<Option, string>): Partial<Record<Option, string>> {
    return this.#those(named, (text) => text)
  }

  seconds<Option extends string>(named: Record<Option, string>): Partial<Record<Option, number>> {
    return this.#those(named, (text, name) => {
      if (!/^\d{1,10}$/.test(text)) throw new UsageError(`The parameter ${name} is a number of seconds.`)
      return Number(text)
    })
  }

  #those<Option extends string, Value>(
    named: Record<Option, string>,
    read: (text: string, name: string) => Value,
  ): Partial<Record<Option, Value>> {
    const found = Object.entries<string>(named).flatMap(([option, name]) => {
      const text = this.#parameters.get(name)
      return text === undefined ? [] : [[option, read(text, name)]]
    })
    return Object.fromEntries(found) as Partial<Record<Option, Value>>
  }
}
