import { setTimeout as delay } from 'node:timers/promises'
import { isNewer } from '../contract/turns.ts'
import { run } from '../contract/wait.ts'
import { MisuseError, SessionGoneError } from '../errors.ts'
import { lookOrBegin } from './once-look.ts'
import {
  carryOut,
  type End,
  foundBy,
  type OnceCall,
  type Running,
  runHere,
  type SavedEnd,
} from './once-run.ts'
import { isLate, type Watched } from './once-ticket.ts'
import { inTurn, type SessionState } from './state.ts'

/**
 * Of all requests in all processes that ask for a value at once, one works it out, and the others get what it found:
 *
 * 1. where the record has another value than this request has seen, that is the answer
 * 2. else a ticket in the record (`once-ticket.ts`) says which run has the right to work it out: of all conditional saves that
 *    set one, one is saved
 * 3. the value is saved with the ticket's removal, and only where there is still the one that is to be replaced
 * 4. whoever finds the ticket of another run looks again until it is over; within a process they wait for its promise
 *
 * A run that takes longer than its timeout can be replaced. If it ends after all, 3 sees to it that one value stands: that of
 * whichever is first.
 * The function runs between two turns of the session, so it may save, or take a new id.
 */
export async function once(state: SessionState, asked: Omit<OnceCall, 'seen'>): Promise<unknown> {
  const { values, standing } = state
  asked.signal?.throwIfAborted()
  if (standing.kind === 'gone') throw new SessionGoneError()
  if (values.isChanged(asked.name)) {
    throw new MisuseError(
      `once('${asked.name}', ...) was called after this request had changed the value and not saved it, so that others ` +
        'could not see what it is to replace. Call it before, or `await session.save()` first.',
    )
  }
  if (standing.kind !== 'stored') return onceUnstored(state, asked)
  const call: OnceCall = { ...asked, seen: values.seen(asked.name) }
  const { text } = await endOf(state, call)
  return values.adopt(call.name, text)
}

async function endOf(state: SessionState, call: OnceCall): Promise<End> {
  const watched: Watched = { run: undefined, since: 0, looks: 0 }
  for (;;) {
    const running = runHere(state, call)
    const now = state.policy.clock.known
    const joined = running && !isLate(running.ticket, watched, now) && (await joinedEnd(running, call, now))
    if (joined) {
      await inTurn(state, () => learn(state, joined))
      return joined
    }
    const found = await inTurn(state, () => run(lookOrBegin(state, call, watched)))
    if ('text' in found) return found
    if ('begun' in found) return carryOut(state, call, found.begun)
    await nextLook(watched, found.running.run, call)
  }
}

/** Milliseconds that a timer of Node.js can count. Whoever waits for longer looks in between. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Waits for a run of this process; `undefined`: it has taken too long. */
async function joinedEnd(
  { end, ticket }: Running,
  { signal }: OnceCall,
  now: number,
): Promise<SavedEnd | undefined> {
  const over = new AbortController()
  const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
  const left = Math.min(LONGEST_TIMER, Math.max(0, ticket.until - now))
  const late = delay(left, undefined, { signal: either })
  try {
    return await Promise.race([end, late.catch(reasonOf(signal))])
  } finally {
    over.abort()
  }
}

/** What this request is told stands in a record that it has not met: what it does next would be decided by an older one. */
function learn({ lastStored }: SessionState, { left }: SavedEnd): void {
  const isSame = left !== undefined && left.key === lastStored?.key
  if (isSame && isNewer(left.record, lastStored.record)) lastStored.record = left.record
}

/** Milliseconds between two looks at a run of another process. */
const SHORTEST_PAUSE = 10
const LONGEST_PAUSE = 250

/** Waits a while, longer each time, and not all who wait for the same time. */
async function nextLook(watched: Watched, seenRun: string, { signal }: OnceCall): Promise<void> {
  if (watched.run !== seenRun) {
    watched.run = seenRun
    watched.since = performance.now()
    watched.looks = 0
  }
  const pause = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** watched.looks++) * (0.5 + Math.random())
  await delay(pause, undefined, signal && { signal }).catch(reasonOf(signal))
}

function reasonOf(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    throw signal?.aborted ? signal.reason : error
  }
}

const unstored = new WeakMap<SessionState, Map<string, Promise<unknown>>>()

/** Of a session that nobody else can have: only this request's own calls meet. */
async function onceUnstored(state: SessionState, call: Omit<OnceCall, 'seen'>): Promise<unknown> {
  const all = unstored.get(state) ?? new Map<string, Promise<unknown>>()
  unstored.set(state, all)
  const { name } = call
  const underWay = all.get(name) ?? foundBy(call)
  all.set(name, underWay)
  try {
    const value = await underWay
    // The first who waits for it, unless it was set meanwhile.
    if (all.get(name) === underWay && !state.values.has(name) && !state.values.isChanged(name)) {
      call.beforeChange()
      state.values.set(name, value)
    }
  } finally {
    all.delete(name)
  }
  return state.values.get(name)
}
