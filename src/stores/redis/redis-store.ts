import { assertChange, assertNewRecord, assertOwner, assertSessionKey } from '../../contract/check.ts'
import type { SessionKey } from '../../contract/key.ts'
import { isEmpty, type NewRecord, type SessionChange, type SessionRecord } from '../../contract/record.ts'
import type {
  ClearExpiredOptions,
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { asOptions } from '../../options/checks.ts'
import { Calls } from '../server/calls.ts'
import { lookResult } from '../server/look.ts'
import { type ServerStoreOptions, serverOptions } from '../server/options.ts'
import { creationArguments, saveArguments } from './arguments.ts'
import type { RedisCommands } from './clients/commands.ts'
import { commandsOf, type RedisClient } from './clients/recognise.ts'
import { checkedPrefix } from './key-names.ts'
import { META, recordIn } from './layout.ts'
import { count, type Listing, list } from './list.ts'
import { meaningOf } from './meaning.ts'
import { askClock, type Ran, runScript } from './run-script.ts'
import { CREATE, DELETE, SAVE, type Script } from './scripts.ts'

/** What {@link redisStore} can be told; `client` it has to be. */
export interface RedisStoreOptions extends ServerStoreOptions {
  /**
   * A client of Redis or Valkey, connected or about to be. It stays the application's: `close()` of the store leaves it
   * open. node-redis ends the process where nobody listens to its `error` event: without a listener you are warned.
   */
  client: RedisClient
  /**
   * What the keys in Redis begin with. Two applications, or two stores, on one server need one each. Braces around a part
   * of it are refused: they would put all sessions of a cluster on one node. Default: `untorn:`.
   */
  prefix?: string
}

const KNOWN = ['client', 'prefix', 'deadline', 'onEvent'] as const

/**
 * Sessions in Redis (5 or later) or Valkey, on one server or a cluster: any number of processes and machines share them.
 *
 * Each is a hash, under the prefix and the session's key: `HGETALL untorn:<key>`. Its values are fields whose names begin
 * with a dot (`HGET untorn:<key> .cart`), its owner is the field `owner`, and the field `meta` has its version and its
 * times. A load is one command, and so is a save: a script, which reaches one key only, and so one node of a cluster. The
 * server's clock decides what has expired, and the server removes it (`PEXPIREAT`).
 *
 * - A driver that sends a command again after its connection broke saves nothing twice: each write has an id that the
 *   record remembers for as long as it may come again (of more than 64 in that time, the latest).
 * - A session that was ended leaves a mark under its key for as long (a hash with the field `ended` and without `meta`, which
 *   is no session), so that what is sent again can't bring it back. Its key is free all the same: the mark's writes go to the
 *   record that is created there. It is taken, for seconds, where there were more than 64, where that record would
 *   expire before they are void, and where an earlier release has left the mark.
 * - A deletion is carried out however late it comes. One that has failed may still remove what is there then.
 * - What reaches the server after the `deadline` is void there. In a cluster this holds as far as the clocks of its nodes
 *   agree.
 * - Loads have to go to masters, as a replica may not know yet that a session is gone. A cluster of ioredis with another
 *   `scaleReads` is refused; a `GlideClient` needs `readFrom: 'primary'`, its default.
 * - What is acknowledged is as safe as the server's set-up makes it. Redis copies to replicas after it has answered, so a
 *   failover loses what no replica had received: the latest saves, new sessions, and deletions (such a session is back).
 *   What the old master still takes before the driver has noticed is lost too. `min-replicas-to-write` with
 *   `min-replicas-max-lag` bounds that time to seconds; `WAIT` after a call that matters, on the same connection, tells
 *   whether replicas have it.
 * - A restart without `appendonly yes` loses all since the last snapshot. With `maxmemory`, set `maxmemory-policy
 *   noeviction`: any other removes sessions that are in use.
 * - `byOwner` and `records` look at every key of the server (`SCAN`). One that a cluster moves between nodes meanwhile may
 *   be missed.
 *
 * Half a surrogate pair has no bytes in Redis: a name, a text or an owner that has one is stored with escapes, behind a control
 * character. A hash of another layout is no session, and is kept until it is deleted; any other type under the
 * key is a `StoreConfigError`.
 *
 * Calls reject with `StoreUnavailableError` (`UNTORN_STORE_UNAVAILABLE`) where the server does not answer in time or can't
 * do what it is asked, with `StoreConfigError` (`UNTORN_STORE_CONFIG`) where it refuses the client, and with `MisuseError`
 * (`UNTORN_MISUSE`) after `close()`. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) at once for options that it can't
 * use: a client that lacks a call is refused by name.
 *
 * ```ts
 * const client = createClient({ url: process.env.REDIS_URL })
 * client.on('error', (error) => console.error(error.message)) // node-redis ends the process where nobody listens
 * await client.connect()
 * app.use(sessions({ store: redisStore({ client }) }))
 * ```
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, prefix, ...others } = asOptions(options, KNOWN)
  return new RedisStore({
    commands: commandsOf(client as RedisClient),
    prefix: checkedPrefix(prefix),
    calls: new Calls({ server: 'Redis', meaningOf, ...serverOptions('Redis', others) }),
  })
}

interface Parts {
  commands: RedisCommands
  prefix: string
  calls: Calls
}

/** What {@link redisStore} makes. */
export class RedisStore implements SessionStore {
  /** What the keys in Redis begin with. */
  readonly prefix: string
  readonly #commands: RedisCommands
  readonly #calls: Calls

  /** @internal */
  constructor({ commands, prefix, calls }: Parts) {
    this.prefix = prefix
    this.#commands = commands
    this.#calls = calls
  }

  async create(key: SessionKey, record: NewRecord): Promise<boolean> {
    assertSessionKey(key)
    assertNewRecord(record)
    const args = creationArguments(record)
    const { outcome } = await this.#change('create a session', CREATE, key, args)
    return outcome === 'saved'
  }

  async load(key: SessionKey): Promise<SessionRecord | undefined> {
    assertSessionKey(key)
    return this.#load('load a session', key)
  }

  async save(key: SessionKey, change: SessionChange, options?: SaveOptions): Promise<SaveResult> {
    assertSessionKey(key)
    assertChange(change, options)
    const ifVersion = options?.ifVersion
    if (isEmpty(change)) return lookResult(await this.#load('save a session', key), ifVersion)
    const args = saveArguments(change, ifVersion)
    const { outcome, fields } = await this.#change('save a session', SAVE, key, args)
    const record = fields === undefined ? undefined : recordIn(fields)
    return record ? { outcome: outcome === 'conflict' ? 'conflict' : 'saved', record } : { outcome: 'gone' }
  }

  async exists(key: SessionKey): Promise<boolean> {
    assertSessionKey(key)
    const name = this.prefix + key
    const found = await this.#calls.run('look for a session', () =>
      this.#commands.send(name, 'hexists', [name, META]),
    )
    return Number(found) === 1
  }

  async delete(key: SessionKey): Promise<boolean> {
    assertSessionKey(key)
    const { outcome } = await this.#change('delete a session', DELETE, key, [])
    return outcome === 'saved'
  }

  /** Nothing is left to do: Redis removes what has expired by itself. */
  async clearExpired({ signal, onProgress }: ClearExpiredOptions = {}): Promise<Swept> {
    this.#calls.assertOpen()
    signal?.throwIfAborted()
    onProgress?.({ done: 1, total: 1, scanned: 0, removed: 0 })
    return { scanned: 0, removed: 0 }
  }

  /** Looks at every key of the server. */
  records(options: RecordsOptions = {}): AsyncGenerator<[SessionKey, SessionRecord]> {
    return list(this.#listing(), options)
  }

  /** Looks at every key of the server, and at each session's record. */
  byOwner(owner: string): AsyncGenerator<[SessionKey, SessionRecord]> {
    assertOwner(owner)
    return list(this.#listing(), {}, (record) => record.owner === owner)
  }

  /**
   * By the names of the server's keys, of which it looks at every one. A session that was ended counts for as long as its
   * mark is there: some seconds.
   */
  async count(): Promise<number> {
    return count(this.#listing())
  }

  /** By what answers have shown of the server's clock, and where there was none yet by asking for it. */
  now(): MaybePromise<number> {
    return this.#calls.now((call) => askClock(this.#commands, call, this.prefix))
  }

  /** Waits for the calls under way and refuses others. The client stays open: it is the application's. */
  close(): Promise<void> {
    return this.#calls.close()
  }

  #load(doing: string, key: SessionKey): Promise<SessionRecord | undefined> {
    const name = this.prefix + key
    return this.#calls.run(doing, () => this.#commands.send(name, 'hgetall', [name]).then(recordIn))
  }

  #change(doing: string, script: Script, key: SessionKey, args: readonly string[]): Promise<Ran> {
    return this.#calls.run(doing, (call) =>
      runScript(this.#commands, call, { doing, script, key: this.prefix + key, args }),
    )
  }

  #listing(): Listing {
    this.#calls.assertOpen()
    return { commands: this.#commands, calls: this.#calls, prefix: this.prefix }
  }
}
