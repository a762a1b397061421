import type Database from 'better-sqlite3'
import type { SessionKey } from 'untorn'

/**
 * Sessions in a table of SQLite, the honest alternative for one machine: as one would write it by SQLite's own advice
 * (write-ahead log, prepared statements), a session being one JSON text.
 */
export interface SqliteStore {
  load(key: SessionKey): Record<string, unknown> | undefined
  /** Of a session that is there. */
  save(key: SessionKey, session: object, expiresAt: number): void
  create(key: SessionKey, session: object, expiresAt: number): void
  close(): void
}

/** `NORMAL` survives the death of a process, as untorn's 'process' does; `FULL` power loss too, as 'disk'. */
export type Synchronous = 'NORMAL' | 'FULL'

/** `undefined`: the package, which is optional and compiled when it is installed, is not there. */
export async function sqliteStore(path: string, synchronous: Synchronous): Promise<SqliteStore | undefined> {
  const open = await import('better-sqlite3').then(
    ({ default: Database }) => Database,
    () => undefined,
  )
  return open && storeOver(new open(path), synchronous)
}

function storeOver(database: Database.Database, synchronous: Synchronous): SqliteStore {
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${synchronous}`)
  database.pragma('busy_timeout = 5000')
  database.exec(
    'CREATE TABLE IF NOT EXISTS sessions (key TEXT PRIMARY KEY, session TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID',
  )
  const select = database
    .prepare<[string, number], string>('SELECT session FROM sessions WHERE key = ? AND expires > ?')
    .pluck()
  const update = database.prepare<[string, number, string]>(
    'UPDATE sessions SET session = ?, expires = ? WHERE key = ?',
  )
  const insert = database.prepare<[string, string, number]>('INSERT INTO sessions VALUES (?, ?, ?)')
  return {
    load(key) {
      const text = select.get(key, Date.now())
      return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>)
    },
    save(key, session, expiresAt) {
      if (update.run(JSON.stringify(session), expiresAt, key).changes !== 1)
        throw new Error('The session is lost.')
    },
    create: (key, session, expiresAt) => void insert.run(key, JSON.stringify(session), expiresAt),
    close: () => database.close(),
  }
}
