import { sessionKey } from '../../contract/key.ts'
import type { SessionSource } from '../../contract/source.ts'
import { StoreConfigError } from '../../errors.ts'
import { asOptions, asText } from '../../options/checks.ts'
import type { Duration } from '../../options/duration.ts'
import type { RedisCommands, Scan } from '../redis/clients/commands.ts'
import { commandsOf, type RedisClient } from '../redis/clients/recognise.ts'
import { patternOf } from '../redis/key-names.ts'
import { isWrongType, meaningOf } from '../redis/meaning.ts'
import { SeenKeys } from '../redis/seen-keys.ts'
import { type Call, Calls } from '../server/calls.ts'
import { type ServerStoreEvent, serverOptions } from '../server/options.ts'
import { type Server, ServerSource, type Stored } from './server-source.ts'
import { asSeconds, type Chosen, chosen, OPTIONS, type SourceOptions } from './source-options.ts'

/** What {@link connectRedisStore} can be told; `client` it has to be. `prefix` and `ttl` are what connect-redis was told. */
export interface ConnectRedisStoreOptions extends SourceOptions {
  /** A client of Redis or Valkey, as `redisStore` takes it. It stays the application's. */
  client: RedisClient
  /** What the keys in Redis begin with. Default: `'sess:'`. */
  prefix?: string
  /** Seconds that a session lives which Redis keeps for ever (`disableTTL`), from when it is read. Default: 86400. */
  ttl?: number
  /** The time in which each call is answered, by an error if need be. Default: `'5s'`; at most an hour. */
  deadline?: Duration
  /** Told when the server stops answering and when it answers again. Default: `process.emitWarning`. */
  onEvent?: (event: ServerStoreEvent) => void
}

const KNOWN = [...OPTIONS, 'client', 'prefix', 'ttl', 'deadline', 'onEvent'] as const

const TTL = 86_400

/**
 * Sessions that connect-redis has written, each as JSON under its prefix and the session's id; also those of @fastify/session
 * over it. They are read and never touched: to be copied (`copySessions`) or taken along at the first request (`moving`).
 *
 * A session lives as long as Redis keeps it. The client needs the commands EVAL, GET, STRLEN, PTTL, PEXPIRETIME and TIME, and
 * SCAN for a listing, which looks at every key of the server.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`). Loads and listings throw what those of `redisStore` throw.
 *
 * ```ts
 * const from = connectRedisStore({ client })
 * ```
 */
export function connectRedisStore(options: ConnectRedisStoreOptions): SessionSource {
  const { client, prefix = 'sess:', ttl = TTL, deadline, onEvent, ...others } = asOptions(options, KNOWN)
  const lifetime = asSeconds('ttl', ttl)
  const source = chosen(others)
  const calls = new Calls({ server: 'Redis', meaningOf, ...serverOptions('Redis', { deadline, onEvent }) })
  const server = new Redis({
    commands: commandsOf(client as RedisClient),
    calls,
    prefix: prefix === '' ? '' : asText('prefix', prefix),
    lifetime,
    source,
  })
  return new ServerSource(server, lifetime, source)
}

/**
 * The time, and what is under a key with its end, where there is something: nothing that is too large is sent. The end as a
 * moment is exact where the server knows it so (from Redis 7 on).
 */
const LOAD = `
local time = redis.call('TIME')
local found = {time[1], time[2]}
local length = redis.call('STRLEN', KEYS[1])
if length == 0 then return found end
local at = redis.pcall('PEXPIRETIME', KEYS[1])
found[3] = type(at) == 'number' and tostring(at) or ''
found[4] = tostring(redis.call('PTTL', KEYS[1]))
if length <= tonumber(ARGV[1]) then found[5] = redis.call('GET', KEYS[1]) end
return found
`

/** Sessions loaded at the same time: they may be large. */
const LOADED_AT_ONCE = 50

interface Parts {
  commands: RedisCommands
  calls: Calls
  prefix: string
  lifetime: number
  source: Chosen
}

class Redis implements Server {
  readonly label: string
  readonly calls: Calls
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
    this.calls = parts.calls
    this.label = `Redis (prefix ${JSON.stringify(parts.prefix)})`
  }

  /** What another has put under the prefix is no session, and reads as none. */
  async load(call: Call, id: string): Promise<Stored | undefined> {
    try {
      return await this.#load(call, id)
    } catch (error) {
      if (isWrongType(error)) return { text: '', expiresAt: Number.NaN }
      throw error
    }
  }

  async #load(call: Call, id: string): Promise<Stored | undefined> {
    const { commands, prefix, lifetime, source } = this.#parts
    const name = prefix + id
    const found = await commands.send(name, 'eval', [LOAD, '1', name, `${source.maxBytes}`])
    if (!Array.isArray(found) || found.length < 2) throw unknownReply()
    const [seconds, microseconds, at, left, text] = found.map(String)
    const now = 1000 * Number(seconds) + Math.floor(Number(microseconds) / 1000)
    if (!Number.isFinite(now)) throw unknownReply()
    call.showed(now)
    if (left === undefined) return undefined
    const expiresAt = Number(at) > 0 ? Number(at) : now + (Number(left) >= 0 ? Number(left) : lifetime)
    return { text, expiresAt }
  }

  async *list(): AsyncGenerator<[string, Stored]> {
    for await (const ids of this.#pages()) {
      for (let from = 0; from < ids.length; from += LOADED_AT_ONCE) {
        const some = ids.slice(from, from + LOADED_AT_ONCE)
        const all = await this.calls.run('list sessions', (call) =>
          Promise.all(some.map((id) => this.load(call, id))),
        )
        for (const [at, stored] of all.entries()) if (stored) yield [some[at]!, stored]
      }
    }
  }

  async count(): Promise<number> {
    let count = 0
    for await (const ids of this.#pages()) count += ids.length
    return count
  }

  async askClock(call: Call): Promise<void> {
    // Nobody has this id, and a key says which node of a cluster is asked.
    await this.#load(call, 'clock')
  }

  /** What stands behind the prefix in the names of keys, on every master, each once. */
  async *#pages(): AsyncGenerator<string[]> {
    const { commands, prefix } = this.#parts
    const beginning = commands.keyPrefix + prefix
    const unseen = new SeenKeys()
    for (const scan of await this.calls.run('list sessions', () => commands.scans())) {
      for await (const names of this.#pagesOf(scan, patternOf(beginning))) {
        const ids = names
          .filter((name) => name.startsWith(beginning))
          .map((name) => name.slice(beginning.length))
        yield ids.filter((id) => unseen.add(sessionKey(id)))
      }
    }
  }

  async *#pagesOf(scan: Scan, pattern: string): AsyncGenerator<string[]> {
    let cursor = '0'
    do {
      const [next, names] = await this.calls.run('list sessions', () => scan(cursor, pattern))
      yield names
      cursor = String(next)
    } while (cursor !== '0')
  }
}

function unknownReply(): StoreConfigError {
  return new StoreConfigError(
    'Could not read a session: the client gives replies in a form that is not known here. Pass one without transformers of replies.',
  )
}
