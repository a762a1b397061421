import { type SessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { isPassing, onceKey, valueNameOf } from '../values/data.ts'

/*
 * Which request works out a value for all others stands in the session's record, under a reserved key beside the value:
 *
 * - while it does: which run it is, and until when it has the right to
 * - when it has failed: with what, for those who wait for it in other processes
 * - when it has found the value that was there: that it is done, which the value does not show
 *
 * With a value that differs the ticket goes. What one leaves has no effect on whoever did not wait for that run.
 */

/** A run that is under way. */
export interface RunningTicket {
  readonly run: string
  /** When others may take its place, in the store's time. */
  readonly until: number
  /** The same as a length of time, for those who have watched it for as long: no clock that is set moves that. */
  readonly patience: number
  /** The record that it was begun in: a session that has a new id since has its ticket, and not its run. */
  readonly at: string
}

/** What is left of one that is over. */
export interface OverTicket {
  readonly run: string
  readonly over: 'failed' | 'done'
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string | number }
}

export type Ticket = RunningTicket | OverTicket

export function isOver(ticket: Ticket): ticket is OverTicket {
  return 'over' in ticket
}

/** The ticket for a value in a record. Another record's, and what nobody here has written, is none. */
export function ticketIn({ values }: SessionRecord, key: SessionKey, name: string): Ticket | undefined {
  const text = values.get(onceKey(name))
  if (text === undefined) return undefined
  try {
    const ticket: Partial<RunningTicket & OverTicket> | null = JSON.parse(text)
    if (typeof ticket?.run !== 'string') return undefined
    if (ticket.over === 'failed' || ticket.over === 'done') return ticket as OverTicket
    const isRunning = typeof ticket.until === 'number' && typeof ticket.patience === 'number'
    return isRunning && ticket.at === shortKey(key) ? (ticket as RunningTicket) : undefined
  } catch {
    return undefined
  }
}

/**
 * How many tickets of failed runs a record keeps: of more than that at once, those who wait in other processes find none, and
 * run the function themselves.
 */
const MOST_FAILED = 10

/**
 * The names of tickets in a record that are of no use any more, beside that of one value. No limit of the session counts
 * tickets, so they must not pile up where each value has a name of its own.
 */
export function spentTickets(record: SessionRecord, key: SessionKey, name: string, now: number): string[] {
  let failed = 0
  return [...record.values.keys()].reverse().filter((ticketKey) => {
    if (!isPassing(ticketKey) || ticketKey === onceKey(name)) return false
    const of = valueNameOf(ticketKey)
    const ticket = ticketIn(record, key, of)
    if (ticket === undefined) return true
    if (!isOver(ticket)) return now >= ticket.until
    return ticket.over === 'failed' ? ++failed >= MOST_FAILED : !record.values.has(of)
  })
}

/** The longest text of an error that a ticket keeps: it counts for no limit of the session. */
const LONGEST_MESSAGE = 500

/** What of an error reaches those who wait in other processes. */
export function failedTicket(run: string, error: unknown): OverTicket {
  try {
    return { run, over: 'failed', error: toldOf(error) }
  } catch {
    // Whatever can be thrown: an object that can't be looked at, too.
    return { run, over: 'failed' }
  }
}

function toldOf(error: unknown): NonNullable<OverTicket['error']> {
  const { name, message, code } = (error ?? {}) as { name?: unknown; message?: unknown; code?: unknown }
  return {
    name: typeof name === 'string' ? name.slice(0, LONGEST_MESSAGE) : 'Error',
    message: (typeof message === 'string' ? message : String(error)).slice(0, LONGEST_MESSAGE),
    ...(isCode(code) && { code }),
  }
}

function isCode(code: unknown): code is string | number {
  return typeof code === 'number' || (typeof code === 'string' && code.length <= LONGEST_MESSAGE)
}

/** The error of a run in another process: its name, message and code, without what only that process had. */
export function errorOf({ error }: OverTicket): Error {
  const { name = 'Error', message = 'It failed in another process.', code } = error ?? {}
  const copy = new Error(message)
  Object.defineProperty(copy, 'name', { value: name, enumerable: false, configurable: true, writable: true })
  return code === undefined ? copy : Object.assign(copy, { code })
}

/** The run of somebody else that is waited for. */
export interface Watched {
  run: string | undefined
  /** By `performance.now()`. */
  since: number
  looks: number
}

/** Whether others can take the place of a run. */
export function isLate(ticket: RunningTicket, watched: Watched, now: number): boolean {
  if (now >= ticket.until) return true
  return ticket.run === watched.run && performance.now() - watched.since >= ticket.patience
}
