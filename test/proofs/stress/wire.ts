import type { SessionKey } from 'untorn'
import type { FileStoreEvent, FileStoreStats } from 'untorn/file'
import type { Answer, Call, Moment, SeenRecord } from './history/operation.ts'

/** What a process is told when it is started, as one argument. */
export interface Setup {
  name: string
  kind: Kind
  seed: string
  places: Place[]
  durability: 'process' | 'disk'
  /** The file to which it writes its diary. */
  diary: string
  /** The moment 0 of the run on the monotonic clock of the machine, in nanoseconds. */
  start: string
  busyTimeout: number
}

/**
 * `plain`: the package as it ships. `interrupted`: now and then it stops to be killed between two calls of the system,
 * or has a write cut short. `scarce`: it may have only few files open.
 */
export type Kind = 'plain' | 'interrupted' | 'scarce'

/** What a `scarce` process has besides until its modules are loaded, of which Node.js opens many at a time. */
export const LOADING_DESCRIPTORS = 80

/** A directory with sessions. */
export interface Place {
  name: string
  directory: string
}

/** Where a session is. */
export interface Address {
  place: string
  key: SessionKey
}

/** Sessions that all processes use at the same time, and others that are met by two of them only by chance. */
export const HOT_SLOTS = 4
export const COLD_SLOTS = 60

/** Every fourth slot, a hot one among them, is in the second directory where there is one. */
export function placeOfSlot(slot: number, places: readonly Place[]): Place {
  return slot % 4 === 3 ? places.at(-1)! : places[0]!
}

/** From the parent, a line each. Where a process finds the end of these lines instead, the parent is dead. */
export type Command =
  /** Begin: which of the seats it has, what is in the slots, which sessions last for the whole run. */
  | { go: { seat: number; slots: (Address | null)[]; lasting: Address[] } }
  /** Somebody has put a new session into a slot. */
  | { slot: number; session: Address }
  /** Create this one, as all others do at this moment. */
  | { contest: Address }
  /** Finish what is under way, and end. */
  | { stop: true }

/** To the parent, a line each. */
export type Notice =
  | { ready: true }
  | { slot: number; session: Address }
  /** It waits for some milliseconds before or after this call of the system: a good moment to be killed. */
  | { interruption: string }
  /** Calls made since the last of these. */
  | { calls: number }

/** What a process writes to its diary, a line each, at once: what was written survives its death. */
export type Entry =
  /** A call is about to be made. Of one on all sessions, `session` is empty. */
  | { call: Call; n: number; at: Moment; wall: number; place: string; session: string }
  /** It was answered; `began` is after the announcement was written. */
  | { answer: Answer; n: number; began: Moment; at: Moment; wall: number }
  | { listed: Record<string, SeenRecord>; n: number; began: Moment; at: Moment; wall: number }
  | { swept: number; n: number; began: Moment; at: Moment; wall: number }
  /** The whole key of a session that is about to be created. */
  | { key: SessionKey; place: string }
  | { stats: FileStoreStats; place: string }
  | { event: SeenEvent; place: string }
  /** The system had no descriptor left for a file of the store's. */
  | { shortages: number }
  /** A write that was cut short. */
  | { shortWrites: number }

export interface SeenEvent {
  type: FileStoreEvent['type']
  file?: string
  whole?: boolean
  error?: string
}

/** What the history calls a session: enough of its key to tell it apart. */
export function nameOf(key: SessionKey): string {
  return key.slice(0, 12)
}

/** The key decides about a session's life, so that all processes agree: some are short, and are extended with use. */
export function isShortLived(key: SessionKey): boolean {
  return key.at(-1)! < '5'
}
