import { keyOfNoSession, type SessionKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { StoreBusyError } from '../../../errors.ts'
import { timeOf } from '../in-time-of.ts'
import type { SourcePair } from './pair.ts'

/*
 * A receipt is a record of its own in `to`, beside the session and no session itself: it says that a session of the source is
 * not to be taken from there any more. It is created once, and never changed.
 */

/** What a receipt says. */
interface Receipt {
  /** The attempt whose copy was the session from then on; `null`: it was ended before there was one. */
  chosen: number | null
}

const RECEIPT = 'untorn:taken'

const DAY = 86_400_000

/**
 * How long a receipt is there beyond the end that the session has in the source: clocks differ, and an application that still
 * writes there puts off the end of what it uses.
 */
const LONGER = DAY

/** Nobody has looked when such a session ends. No browser keeps a cookie for longer. */
const UNSEEN = 400 * DAY

/** How often a receipt is asked for that is refused as if there were one. */
const MOST_TRIES = 10

/** What was decided, and whether by this. */
interface Decided extends Receipt {
  isNew: boolean
}

/** Chooses the copy of an attempt at a session that ends in the source then. */
export function choose(pair: SourcePair, key: SessionKey, attempt: number, until: number): Steps<Decided> {
  return write(pair, key, { chosen: attempt }, until + LONGER)
}

/** Whatever the source has under a key, and nobody has taken yet, is over. */
export function* endUnseen(pair: SourcePair, key: SessionKey): Steps<Decided> {
  const now = yield* settled(timeOf(pair.to))
  return yield* write(pair, key, { chosen: null }, now + UNSEEN)
}

/** Whether a session is not to be taken any more. */
export function* hasReceipt({ to }: SourcePair, key: SessionKey): Steps<boolean> {
  return yield* settled(to.exists(keyOf(key)))
}

function* write({ to }: SourcePair, key: SessionKey, receipt: Receipt, expiresAt: number): Steps<Decided> {
  const at = keyOf(key)
  const values = new Map([[RECEIPT, JSON.stringify(receipt)]])
  const createdAt = yield* settled(timeOf(to))
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (yield* settled(to.create(at, { values, createdAt, expiresAt }))) return { ...receipt, isNew: true }
    const there = yield* settled(to.load(at))
    if (there) return { chosen: chosenIn(there), isNew: false }
  }
  throw new StoreBusyError(
    'A session could not be taken along: the store that it is taken to says that a key is taken, and finds nothing there. Try again.',
  )
}

/** What can't be read ends the session: it must not come back. */
function chosenIn({ values }: SessionRecord): number | null {
  try {
    const { chosen } = JSON.parse(values.get(RECEIPT) ?? 'null') as Receipt
    return typeof chosen === 'number' ? chosen : null
  } catch {
    return null
  }
}

function keyOf(key: SessionKey): SessionKey {
  return keyOfNoSession(`taken ${key}`)
}
