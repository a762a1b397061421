import { StoreBusyError, StoreConfigError } from '../../errors.ts'
import type { Meaning } from '../server/calls.ts'

/** What an error of the server asks for, by its SQLSTATE, or by the first two characters of it. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '08': { outage: true },
  '57P01': { outage: true, advice: 'the server is shutting down, or somebody has ended the connection' },
  '57P02': { outage: true, advice: 'the server has crashed and is starting again' },
  '57P03': { outage: true, advice: 'the server is starting up, or shutting down' },
  '53300': {
    outage: true,
    advice:
      'the server has no connection left; give the pools of all processes together fewer than it allows',
  },
  '25006': {
    // It has answered, and can be read.
    outage: false,
    advice: 'the server takes no changes: it is a standby, or read-only; connect to the primary',
  },
  '53100': { outage: false, advice: 'the disk of the server is full' },
  '53200': { outage: false, advice: 'the server is out of memory' },
  '57014': {
    outage: false,
    advice:
      'the statement was cancelled, by somebody or by a `statement_timeout`; see what holds the server up',
  },
  '55P03': { outage: false, advice: 'a lock was not free within `lock_timeout`', as: busy },
  '40': { outage: false, advice: 'other changes of the session got in between at every try', as: busy },
  '42P01': setUp('there is no such table; call `createTable()` once, or run the migration of the package'),
  '42703': setUp('the table lacks a column; it is not the one that `createTable()` makes'),
  '42804': setUp('a column of the table has another type; it is not the one that `createTable()` makes'),
  '42P10': setUp('the table lacks its primary key; it is not the one that `createTable()` makes'),
  '42501': setUp('the role lacks a right: it needs select, insert, update and delete on the table'),
  '28': setUp('the server refuses the role or its password'),
  '3D': setUp('there is no such database'),
  '3F': setUp('there is no such schema; create it first'),
  '26': setUp(
    'the connection is not the one that prepared the statement; with such a pooler set `prepare: false`',
  ),
  '42P05': setUp('another client has prepared the statement; with such a pooler set `prepare: false`'),
  '25P02': setUp(
    'the connection is in a transaction that has failed; give the store a pool, not a connection in use',
  ),
  '22P05': setUp('the encoding of the database lacks a character; sessions need a database in UTF8'),
}

/** What a Pool of `pg` says, by its option `connectionTimeoutMillis`, where it waits for none that is new. */
const EMPTY_POOL: Meaning = {
  outage: true,
  advice:
    'no connection of the pool was free within its `connectionTimeoutMillis`, so that it was not sent: see what holds ' +
    'them (a transaction that is left open, a client that is never released), or give the pool more (`max`)',
}

/** Errors that the server has said have a severity; the others are the driver's, which could not talk to it. */
export function meaningOf(error: unknown): Meaning {
  const { code, severity, message } = (error ?? {}) as {
    code?: unknown
    severity?: unknown
    message?: unknown
  }
  if (message === 'timeout exceeded when trying to connect') return EMPTY_POOL
  if (typeof severity !== 'string' || typeof code !== 'string') return { outage: true }
  return MEANINGS[code] ?? MEANINGS[code.slice(0, 2)] ?? { outage: false }
}

function setUp(advice: string): Meaning {
  return { outage: false, advice, as: (message, options) => new StoreConfigError(message, options) }
}

function busy(message: string, options: { cause: unknown }): StoreBusyError {
  return new StoreBusyError(message, options)
}
