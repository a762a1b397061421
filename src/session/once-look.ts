import { shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { newMark } from '../cookie/id.ts'
import { type Decision, saveDecided } from './decided.ts'
import { loadSession } from './moved.ts'
import { type End, liveOf, type OnceCall, takeBackTicket, withTicket } from './once-run.ts'
import {
  errorOf,
  isLate,
  isOver,
  type RunningTicket,
  spentTickets,
  type Ticket,
  ticketIn,
  type Watched,
} from './once-ticket.ts'
import type { Live } from './standing.ts'
import { lost, type SessionState } from './state.ts'

/** A value; a run that this request has the right to; or one that another request has. */
export type Found = End | { readonly begun: RunningTicket } | { readonly running: RunningTicket }

/** Looks at the record as it is now, and begins a run if there is neither another value nor another run. */
export function* lookOrBegin(state: SessionState, call: OnceCall, watched: Watched): Steps<Found> {
  call.signal?.throwIfAborted()
  const { policy, values } = state
  const { name } = call
  const stored = liveOf(state)
  // Who has not waited yet may know what is there; if not, the save says so.
  if (watched.looks > 0) yield* lookAgain(state, stored)
  let sent: RunningTicket | undefined
  const decide = (record: SessionRecord): Decision<Found> => {
    sent = undefined
    const text = record.values.get(name)
    if (!values.isSame(name, call.seen, text)) return without({ text })
    const found = byTicket(ticketIn(record, stored.key, name), watched, text, policy.clock.known)
    if (found !== undefined) return without(found)
    const now = policy.clock.known
    const begun = begin(call, shortKey(stored.key), now)
    sent = begun
    const spent = spentTickets(record, stored.key, name, now)
    return { answer: { begun }, change: { ...withTicket(name, begun), delete: spent } }
  }
  let found: Found | undefined
  try {
    found = yield* saveDecided(state, stored, decide)
  } catch (error) {
    // It may stand all the same, and nobody carries it out: all would wait for it to the end of its timeout.
    if (sent !== undefined) void takeBackTicket(state, stored, name, sent)
    throw error
  }
  return found ?? lost(state)
}

const without = (answer: Found) => ({ answer, change: undefined })

/** What a ticket says to whoever finds it; `undefined`: nothing, a run can begin. Throws what a run has failed with. */
function byTicket(
  ticket: Ticket | undefined,
  watched: Watched,
  text: string | undefined,
  now: number,
): Found | undefined {
  if (ticket === undefined) return undefined
  if (!isOver(ticket)) return isLate(ticket, watched, now) ? undefined : { running: ticket }
  if (ticket.run !== watched.run) return undefined
  if (ticket.over === 'failed') throw errorOf(ticket)
  return { text }
}

function begin({ timeout }: OnceCall, at: string, now: number): RunningTicket {
  return { run: newMark(), until: now + timeout, patience: timeout, at }
}

function* lookAgain(state: SessionState, stored: Live): Steps<void> {
  const { store, expiry, clock } = state.policy
  const record = yield* settled(loadSession(store, stored.key))
  if (record === undefined || expiry.isOver(record, clock.known)) lost(state)
  stored.record = record
}
