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
import { type Call, Calls } from '../server/calls.ts'
import { lookResult } from '../server/look.ts'
import { SweepTimer } from '../sweep-timer.ts'
import { type Answer, answerIn } from './answer.ts'
import { createTable } from './create-table.ts'
import type { Database, Row } from './database.ts'
import { Deletions, type Removed } from './deletions.ts'
import { changeInTime } from './late.ts'
import { meaningOf } from './meaning.ts'
import { type Chosen, chosenOptions, type PostgresStoreOptions } from './options.ts'
import type { Statement } from './statements/parts.ts'
import { ASK_CLOCK, type Saves, Statements } from './statements/statements.ts'
import { sweep } from './sweep.ts'
import type { TableName } from './table-name.ts'
import { checkedTableOptions, type TableOptions } from './table-sql.ts'
import { milliseconds } from './times.ts'

/** Milliseconds that making a table may take at least: a thousand partitions are a thousand tables. */
const TO_MAKE = 60_000

/** Sessions that a listing asks for at a time. */
const PAGE = 200

/** Rows that are counted at a time. */
const COUNTED = 5000

/**
 * A store that keeps sessions in a table of PostgreSQL 14 or later, one row each: the texts of the values, and the values
 * as `jsonb` for SQL to look into. The table has to be there: `await store.createTable()` once at the start, or the
 * migration that the package ships. The role that makes it needs the right to create in the schema; the one that uses it
 * `select`, `insert`, `update` and `delete` on the table, and `usage` of its schema.
 *
 * A change is void from its deadline on, whatever held it up; the one that is being committed at that very moment may
 * stand although its request was told that it failed.
 *
 * A load, a save, a conditional save, a creation and a deletion are one statement each, outside of a transaction; deletions that are asked for
 * side by side are one together. (A save
 * of a session that is gone, or that expires within `deadline`, is two, and so is one that conflicts with another that was
 * under way at the same moment; and the first change of all asks for the server's clock.)
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`). What its calls throw: `StoreUnavailableError`
 * (`UNTORN_STORE_UNAVAILABLE`), `StoreConfigError` (`UNTORN_STORE_CONFIG`: no table, no right to it, another shape),
 * `StoreBusyError` (`UNTORN_STORE_BUSY`: locks) and `MisuseError` (`UNTORN_MISUSE`) after `close()`.
 *
 * ```ts
 * const pool = new Pool()
 * pool.on('error', (error) => console.error(error.message)) // pg ends the process where nobody listens
 * const store = postgresStore({ pool })
 * await store.createTable()
 * const sessions = createSessions({ store })
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  return new PostgresStore(chosenOptions(options))
}

/** What {@link postgresStore} makes. */
export class PostgresStore implements SessionStore {
  readonly #database: Database
  readonly #table: TableName
  readonly #statements: Statements
  readonly #deadline: number
  readonly #calls: Calls
  readonly #making: Calls
  readonly #deletions: Deletions
  readonly #sweepTimer: SweepTimer

  /** @internal */
  constructor({ database, table, deadline, sweepEvery, report }: Chosen) {
    this.#database = database
    this.#table = table
    this.#statements = new Statements(table)
    this.#deadline = deadline
    const { unsent } = database
    const options = { server: 'PostgreSQL', report, meaningOf, unsent }
    this.#calls = new Calls({ ...options, deadline })
    this.#making = new Calls({ ...options, deadline: Math.max(deadline, TO_MAKE) })
    this.#deletions = new Deletions((work) => this.#calls.run('delete a session', work), {
      one: async (key) => (await this.#one(this.#statements.remove(key)))?.[0] === 'true',
      several: async (keys) => removedIn(await this.#rows(this.#statements.removeSeveral(keys))),
    })
    this.#sweepTimer = new SweepTimer({
      every: sweepEvery,
      sweep: (signal) => this.#sweep(0, { signal }),
      failed: (error) => report({ type: 'sweep-failed', error }),
    })
  }

  /**
   * Makes the table and its indexes where they are not there yet. Any number of processes may do so at the same time, and
   * at each start: a table that is there is only looked at. It takes as long as it takes, up to a minute.
   *
   * Throws `StoreConfigError` (`UNTORN_STORE_CONFIG`) for a table of that name which is another one, or without the
   * right to make it.
   */
  async createTable(options: TableOptions = {}): Promise<void> {
    const checked = checkedTableOptions(options)
    await this.#making.run('create the table', () => createTable(this.#database, this.#table, checked))
  }

  async create(key: SessionKey, record: NewRecord): Promise<boolean> {
    assertSessionKey(key)
    assertNewRecord(record)
    const insert = this.#statements.create(key, record)
    return this.#change('create a session', async (call, voidFrom) => {
      const row = await this.#one(insert(voidFrom))
      if (row) call.showed(milliseconds(row[0]!))
      return row !== undefined
    })
  }

  async load(key: SessionKey): Promise<SessionRecord | undefined> {
    assertSessionKey(key)
    return this.#calls.run('load a session', (call) => this.#load(call, key))
  }

  async save(key: SessionKey, change: SessionChange, options?: SaveOptions): Promise<SaveResult> {
    assertSessionKey(key)
    assertChange(change, options)
    const ifVersion = options?.ifVersion
    if (isEmpty(change)) {
      const look = async (call: Call) => lookResult(await this.#load(call, key), ifVersion)
      return this.#calls.run('save a session', look)
    }
    const update = this.#statements.save(key, change, ifVersion)
    return this.#change('save a session', (call, voidFrom) => this.#save(call, update(voidFrom), ifVersion))
  }

  async exists(key: SessionKey): Promise<boolean> {
    assertSessionKey(key)
    return this.#calls.run('look for a session', async (call) => {
      const row = await this.#one(this.#statements.exists(key))
      if (row) call.showed(milliseconds(row[0]!))
      return row !== undefined
    })
  }

  /** One that reaches the server after its deadline is still carried out: a session that should go may go late. */
  async delete(key: SessionKey): Promise<boolean> {
    assertSessionKey(key)
    return this.#deletions.delete(key)
  }

  /**
   * In batches of 1000, each a short statement of its own, and one process at a time: others wait for their turn between
   * two batches, `deadline` milliseconds at most (then `StoreBusyError`). A row that somebody has locked stays for the
   * next sweep. `total` is the number of expired sessions at the beginning; only with `onProgress` are they counted.
   */
  async clearExpired(options: ClearExpiredOptions = {}): Promise<Swept> {
    return this.#sweep(this.#deadline, options)
  }

  records({ all = false }: RecordsOptions = {}): AsyncIterableIterator<[SessionKey, SessionRecord]> {
    return this.#list((after) => this.#statements.list(after, all, PAGE))
  }

  byOwner(owner: string): AsyncIterableIterator<[SessionKey, SessionRecord]> {
    assertOwner(owner)
    return this.#list((after) => this.#statements.listOf(owner, after, PAGE))
  }

  /** Of all sessions by their keys alone, some thousands at a time: each is a short statement. */
  async count(): Promise<number> {
    let count = 0
    let after: SessionKey | '' = ''
    for (;;) {
      const statement = this.#statements.count(after, COUNTED)
      const [rows, live, last] = (await this.#calls.run('count sessions', () => this.#one(statement)))!
      count += Number(live)
      if (Number(rows) < COUNTED) return count
      after = last as SessionKey
    }
  }

  /** By what answers have shown of the server's clock, and where there was none yet by asking for it. */
  now(): MaybePromise<number> {
    return this.#calls.now(async (call) => call.showed(await this.#askClock()))
  }

  /** Ends the sweeps and waits for the calls under way. The pool stays open: it is the application's. */
  async close(): Promise<void> {
    await Promise.all([this.#sweepTimer.stop(), this.#calls.close(), this.#making.close()])
  }

  async #load(call: Call, key: SessionKey): Promise<SessionRecord | undefined> {
    return (await this.#answer(call, this.#statements.load(key)))?.record
  }

  async #save(call: Call, { atOnce, held }: Saves, ifVersion: number | undefined): Promise<SaveResult> {
    const first = await this.#answer(call, atOnce)
    if (first && (first.outcome === 'saved' || first.record.version !== ifVersion)) return resultOf(first)
    // It is gone, or about to expire; or another change came between. A conditional save that found none is sure of it.
    if (!first && ifVersion !== undefined) return { outcome: 'gone' }
    const answer = await this.#answer(call, held)
    return answer ? resultOf(answer) : { outcome: 'gone' }
  }

  /** `page`: what asks for the sessions that come after a key. */
  async *#list(page: (after: SessionKey | '') => Statement): AsyncGenerator<[SessionKey, SessionRecord]> {
    let after: SessionKey | '' = ''
    for (;;) {
      const statement = page(after)
      const rows = await this.#calls.run('list sessions', () => this.#rows(statement))
      for (const row of rows) {
        yield [row[0] as SessionKey, answerIn(row[1]!).record]
        this.#calls.assertOpen()
      }
      if (rows.length < PAGE) return
      after = rows.at(-1)![0] as SessionKey
    }
  }

  async #sweep(patience: number, options: ClearExpiredOptions): Promise<Swept> {
    this.#calls.assertOpen()
    const ask = (statement: Statement): Promise<Row> =>
      this.#calls.run('sweep', async () => (await this.#one(statement))!)
    return sweep({ ask, table: this.#table, patience }, options)
  }

  #change<T>(doing: string, attempt: (call: Call, voidFrom: number) => Promise<T>): Promise<T> {
    const how = { doing, deadline: this.#deadline, learn: () => this.#askClock() }
    return this.#calls.run(doing, (call) => changeInTime(call, how, (voidFrom) => attempt(call, voidFrom)))
  }

  async #askClock(): Promise<number> {
    return milliseconds((await this.#one(ASK_CLOCK))![0]!)
  }

  async #answer(call: Call, statement: Statement): Promise<Answer | undefined> {
    const row = await this.#one(statement)
    if (!row) return undefined
    const answer = answerIn(row[0]!)
    call.showed(answer.clock)
    return answer
  }

  async #one(statement: Statement): Promise<Row | undefined> {
    return (await this.#rows(statement))[0]
  }

  #rows({ text, parameters }: Statement): Promise<Row[]> {
    return this.#database.query(text, parameters)
  }
}

function removedIn(rows: readonly Row[]): Map<SessionKey, Removed> {
  return new Map(
    rows.map(([key, wasLive]) => [key as SessionKey, wasLive === null ? 'locked' : wasLive === 'true']),
  )
}

function resultOf({ outcome, record }: Answer): SaveResult {
  return { outcome: outcome === 'saved' ? 'saved' : 'conflict', record }
}
