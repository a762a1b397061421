import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import type { NewRecord, SessionChange } from '../../../contract/record.ts'
import type { TableName } from '../table-name.ts'
import { held, textArray } from '../texts.ts'
import { timeText } from '../times.ts'
import { holdValues } from '../values.ts'
import { answer, CLOCK, IN_TIME, IS_SESSION, KEY, LIVE, type Statement } from './parts.ts'
import { type SaveForm, type SaveTexts, saveParts, saveTexts } from './save.ts'

/** The server's clock alone. */
export const ASK_CLOCK: Statement = { text: `select ${CLOCK}`, parameters: [] }

/** A creation, which is void from a moment on. */
export type Creation = (voidFrom: number) => Statement

/** The two ways to make one save: see {@link saveTexts}. */
export interface Saves {
  atOnce: Statement
  held: Statement
}

/** The statements about sessions of one table. Their texts are made once. */
export class Statements {
  readonly #table: string
  readonly #load: string
  readonly #exists: string
  readonly #create: string
  readonly #remove: string
  readonly #removeSeveral: string
  readonly #listed: string
  readonly #saves = new Map<SaveForm, SaveTexts>()

  constructor({ quoted }: TableName) {
    const live = `from ${quoted} where key = ${KEY} and ${LIVE}`
    this.#table = quoted
    this.#load = `select ${answer('found')} ${live}`
    this.#exists = `select ${CLOCK} ${live}`
    this.#create =
      `insert into ${quoted} as old (key, version, "values", texts, created_at, expires_at, owner) ` +
      `values (${KEY}, $3::text::bigint, $4::text::jsonb, $5::text::jsonb, $6::text::timestamptz, ` +
      // One that has expired, and was not swept yet, is none: by the clock as it is when its row is locked.
      `$7::text::timestamptz, $8::text) on conflict (key) do update set version = excluded.version, ` +
      `"values" = excluded."values", texts = excluded.texts, created_at = excluded.created_at, ` +
      `expires_at = excluded.expires_at, owner = excluded.owner ` +
      `where old.expires_at <= clock_timestamp() returning ${IN_TIME}`
    // Looked at once the row is locked, however long that took.
    const alive = '(expires_at > clock_timestamp())::text'
    this.#listed = `select encode(key, 'hex'), ${answer('found')} from ${quoted}`
    this.#remove = `delete from ${quoted} where key = ${KEY} returning ${alive}`
    // None that somebody has locked: whoever waits for a lock while they hold others can be in the way of who waits for those.
    const isMeant = "key = any (array(select decode(hex, 'hex') from unnest($1::text[]) as hex))"
    this.#removeSeveral =
      `with held as materialized (select key from ${quoted} where ${isMeant} for update skip locked), ` +
      `removed as (delete from ${quoted} as old using held where old.key = held.key returning old.key, ` +
      `(old.expires_at > clock_timestamp())::text as alive) select encode(key, 'hex'), alive from removed ` +
      `union all select encode(key, 'hex'), null from ${quoted} where ${isMeant} and key not in (select key from removed)`
  }

  /** No row, or the answer `found`. */
  load(key: SessionKey): Statement {
    return { text: this.#load, parameters: [key] }
  }

  /** No row, or the clock. */
  exists(key: SessionKey): Statement {
    return { text: this.#exists, parameters: [key] }
  }

  /** No row: the key is taken. Or the clock. What it is given is read at once. */
  create(key: SessionKey, record: NewRecord): Creation {
    const { version = 0, createdAt, expiresAt, owner } = record
    const { values, texts } = holdValues(record.values, !isNoSession(key))
    const times = [timeText(createdAt, 'record.createdAt'), timeText(expiresAt, 'record.expiresAt')]
    const parameters = [`${version}`, values, texts, ...times, owner === undefined ? null : held(owner)]
    return (voidFrom) => ({ text: this.#create, parameters: [key, timeText(voidFrom), ...parameters] })
  }

  /**
   * The answer `saved`, with the record that the change made; with `ifVersion` and for a record of another version the
   * answer `conflict`, with the record that is there. No row, of `held`: the session is gone. What it is given is read at
   * once.
   */
  save(key: SessionKey, change: SessionChange, ifVersion: number | undefined): (voidFrom: number) => Saves {
    const { form, parameters: own } = saveParts(key, change, ifVersion)
    const texts = this.#saves.get(form) ?? saveTexts(this.#table, form)
    this.#saves.set(form, texts)
    return (voidFrom) => {
      const parameters = [key, timeText(voidFrom), ...own]
      return { atOnce: { text: texts.atOnce, parameters }, held: { text: texts.held, parameters } }
    }
  }

  /** No row, or whether the session was still alive. */
  remove(key: SessionKey): Statement {
    return { text: this.#remove, parameters: [key] }
  }

  /** The same of several: of each that is there its key, and whether it was alive; NULL: somebody has locked it. */
  removeSeveral(keys: readonly SessionKey[]): Statement {
    return { text: this.#removeSeveral, parameters: [textArray(keys)] }
  }

  /** Live sessions, or `all` records, by their keys, from the one after `after` on: the key, and the answer `found`. */
  list(after: SessionKey | '', all: boolean, limit: number): Statement {
    const wanted = all ? LIVE : `${LIVE} and ${IS_SESSION}`
    const text = `${this.#listed} where key > ${KEY} and ${wanted} order by key limit ${limit}`
    return { text, parameters: [after] }
  }

  /** The same of one owner's sessions. */
  listOf(owner: string, after: SessionKey | '', limit: number): Statement {
    const text =
      `${this.#listed} where owner = $2::text and key > ${KEY} and ${LIVE} and ${IS_SESSION} ` +
      `order by owner, key limit ${limit}`
    return { text, parameters: [after, held(owner)] }
  }

  /**
   * One row about the first rows after a key, in the order of keys: how many there are, how many of them are live
   * sessions, and the last one's key.
   */
  count(after: SessionKey | '', limit: number): Statement {
    const text =
      `with next as (select key, ${LIVE} and ${IS_SESSION} as counts from ${this.#table} where key > ${KEY} ` +
      `order by key limit ${limit}) select count(*)::text, (count(*) filter (where counts))::text, ` +
      `(select encode(key, 'hex') from next order by key desc limit 1) from next`
    return { text, parameters: [after] }
  }
}
