import type { SessionChange, SessionRecord } from '../contract/record.ts'
import type { SessionStore } from '../contract/store.ts'
import { run, type Steps } from '../contract/wait.ts'
import { NotSerialisableError, SessionGoneError } from '../errors.ts'
import { onceKey } from '../values/data.ts'
import { saveDecided } from './decided.ts'
import { isStoreFailure } from './detached.ts'
import { checkLimits } from './limits.ts'
import { loadSession } from './moved.ts'
import { failedTicket, isOver, type RunningTicket, type Ticket, ticketIn } from './once-ticket.ts'
import type { Live, Stored } from './standing.ts'
import { inTurn, lost, type SessionState } from './state.ts'

/** What `once()` is asked for. */
export interface OnceCall {
  readonly name: string
  readonly fn: () => unknown
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
  /** The text of the value that this request has seen: another one is the answer. */
  readonly seen: string | undefined
  /** Said before a value is changed that is not stored by the call itself. */
  beforeChange(): void
}

/** How it ended: with the value whose text this is in the record. */
export interface End {
  readonly text: string | undefined
}

/** A run of this process. */
export interface Running {
  readonly ticket: RunningTicket
  /** The text of the value that it is to replace. */
  readonly seen: string | undefined
  readonly end: Promise<SavedEnd>
}

/** The end of a run of this process, and the record that it has left. */
export interface SavedEnd extends End {
  readonly left: Pick<Stored, 'key' | 'record'> | undefined
}

/** By key and name. Requests that have nothing else in common meet here, before they ask the store. */
const runs = new WeakMap<SessionStore, Map<string, Running>>()

/** The run in this process that works out what a call asks for. */
export function runHere(state: SessionState, { name, seen }: OnceCall): Running | undefined {
  const running = runs.get(state.policy.store)?.get(placeOf(state, name))
  return running !== undefined && state.values.isSame(name, running.seen, seen) ? running : undefined
}

function placeOf({ lastStored }: SessionState, name: string): string {
  return `${lastStored?.key} ${name}`
}

/** Runs the function, and saves what it found. */
export async function carryOut(state: SessionState, call: OnceCall, ticket: RunningTicket): Promise<End> {
  const { store } = state.policy
  const all = runs.get(store) ?? new Map<string, Running>()
  runs.set(store, all)
  const place = placeOf(state, call.name)
  const running = { ticket, seen: call.seen, end: workedOut(state, call, ticket) }
  all.set(place, running)
  try {
    return await running.end
  } finally {
    if (all.get(place) === running) all.delete(place)
  }
}

async function workedOut(state: SessionState, call: OnceCall, ticket: RunningTicket): Promise<SavedEnd> {
  try {
    const text = state.policy.rules.codec.stringify(call.name, await foundBy(call))
    const end = await inTurn(state, () => run(finish(state, call, ticket, text)))
    const { lastStored } = state
    return { ...end, left: lastStored && { key: lastStored.key, record: lastStored.record } }
  } catch (error) {
    const told = tellOthers(state, call, failedTicket(ticket.run, error))
    // A store that does not answer would take its time once more, for an error that is known.
    if (!isStoreFailure(error)) await told
    throw error
  }
}

/** What the function finds, which is something. */
export async function foundBy({ name, fn }: Pick<OnceCall, 'name' | 'fn'>): Promise<unknown> {
  const value = await fn()
  if (value !== undefined) return value
  throw new NotSerialisableError(name, 'the function that was given to `once` returned nothing')
}

/** Saves the value of a run, unless there is another one by now. */
function* finish(
  state: SessionState,
  call: OnceCall,
  { run: mine }: RunningTicket,
  text: string,
): Steps<End> {
  const { name, seen } = call
  const stored = liveOf(state)
  const end = yield* saveDecided<End>(state, stored, (record) => {
    const current = record.values.get(name)
    const ticket = ticketIn(record, stored.key, name)
    const isMine = ticket?.run === mine
    // Somebody has set it meanwhile, or a run that took this one's place was faster. If not, this one was.
    const isOther = !state.values.isSame(name, seen, current)
    const isDone = ticket !== undefined && isOver(ticket) && ticket.over === 'done'
    if (isOther || (isDone && !isMine)) {
      return { answer: { text: current }, change: isMine ? { delete: [onceKey(name)] } : undefined }
    }
    return { answer: { text }, change: valueChange(state, record, call, { mine, text }) }
  })
  return end ?? lost(state)
}

/** Throws `SessionTooLargeError` for a value that the session has no room for. */
function valueChange(
  { policy, values }: SessionState,
  record: SessionRecord,
  { name, seen }: OnceCall,
  { mine, text }: { mine: string; text: string },
): SessionChange {
  if (values.isSame(name, text, seen)) return withTicket(name, { run: mine, over: 'done' })
  const set = new Map([[name, text]])
  checkLimits(policy.settings, new Map([...record.values, ...set]))
  return { set, delete: [onceKey(name)] }
}

/** Those who wait in other processes. Where they can't be told, they wait to the end of the timeout. */
async function tellOthers(state: SessionState, { name }: OnceCall, failed: Ticket): Promise<void> {
  try {
    await run(leaveTicket(state, name, failed))
  } catch (error) {
    state.policy.report({ type: 'error', error })
  }
}

/** In the place of the run's own ticket, if that is still there. */
function* leaveTicket(state: SessionState, name: string, ticket: Ticket): Steps<void> {
  const { lastStored } = state
  if (lastStored === undefined) return
  // What the request does with the session meanwhile has not to wait for it, nor to know of it.
  const stored = { ...lastStored }
  yield* saveDecided(state, stored, (record) => {
    const isThere = ticketIn(record, stored.key, name)?.run === ticket.run
    return { answer: undefined, change: isThere ? withTicket(name, ticket) : undefined }
  })
}

/** Takes back a ticket whose save has failed, if it stands. Where that can't be done it is void at the end of its timeout. */
export async function takeBackTicket(
  state: SessionState,
  { key, ...rest }: Live,
  name: string,
  { run: mine }: RunningTicket,
): Promise<void> {
  try {
    const record = await loadSession(state.policy.store, key)
    if (record === undefined) return
    const taking = saveDecided(state, { ...rest, key, record }, (current) => {
      const isThere = ticketIn(current, key, name)?.run === mine
      return { answer: undefined, change: isThere ? { delete: [onceKey(name)] } : undefined }
    })
    await run(taking)
  } catch (error) {
    state.policy.report({ type: 'error', error })
  }
}

/** Throws `SessionGoneError` where there is no session any more that could keep a value. */
export function liveOf({ standing }: SessionState): Live {
  if (standing.kind === 'stored') return standing
  throw new SessionGoneError()
}

export function withTicket(name: string, ticket: Ticket): SessionChange {
  return { set: new Map([[onceKey(name), JSON.stringify(ticket)]]) }
}
