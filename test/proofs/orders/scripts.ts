import type { SessionKey } from '../../../src/contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../src/contract/record.ts'
import type { SaveResult } from '../../../src/contract/store.ts'
import type { Steps } from '../../../src/contract/wait.ts'
import type { Pair, PairInTurn } from '../../../src/stores/over/moving/pair.ts'

/** What the store is made of: the sources, or a copy of them with a fault. */
export interface Verbs {
  loadHere(pair: Pair, key: SessionKey): Steps<SessionRecord | undefined>
  loadThere(pair: Pair, key: SessionKey): Steps<SessionRecord | undefined>
  saveHere(
    pair: PairInTurn,
    key: SessionKey,
    change: SessionChange,
    ifVersion: number | undefined,
  ): Steps<SaveResult>
  saveThere(
    pair: PairInTurn,
    key: SessionKey,
    change: SessionChange,
    ifVersion: number | undefined,
  ): Steps<SaveResult>
  deleteFrom(pair: Pair, key: SessionKey): Steps<boolean>
  move(pair: Pair, key: SessionKey): Steps<unknown>
  createIn(side: Side, pair: Pair, key: SessionKey, record: NewRecord): Steps<boolean>
}

export type Side = 'from' | 'to'

export type Operation =
  | { verb: 'load'; side: Side }
  | { verb: 'save'; side: Side; change: SessionChange; ifVersion?: number }
  /** `unseen`: it ends what is there, and can't always tell whether there was any. */
  | { verb: 'delete'; unseen?: true }
  | { verb: 'create'; side: Side; record: NewRecord & { version: number } }
  /** What `untorn move` does. */
  | { verb: 'move' }
  /** Time passes until the session's first expiry. */
  | { verb: 'expire' }

/** What a process does, one operation after the other; it is given the answer of each. */
// biome-ignore lint/suspicious/noExplicitAny: the answer is that of the operation that was yielded
export type Script = () => Generator<Operation, void, any>

export const EXPIRY = 1000
export const LATER = 9000

export function load(side: Side): Script {
  return function* () {
    yield { verb: 'load', side }
  }
}

export function save(side: Side, change: SessionChange): Script {
  return function* () {
    yield { verb: 'save', side, change }
  }
}

/** A change of its own value, and of one that others delete. */
export function set(side: Side, name: string): Script {
  return save(side, { set: new Map([[name, '1']]) })
}

/** Adds one to a count, as `session.update` does. */
export function count(side: Side): Script {
  return function* () {
    let record: SessionRecord | undefined = yield { verb: 'load', side }
    for (let tries = 0; record && tries < 3; tries++) {
      const set = new Map([['count', `${Number(record.values.get('count')) + 1}`]])
      const result: SaveResult = yield {
        verb: 'save',
        side,
        change: { set },
        ifVersion: record.version,
      }
      record = result.outcome === 'conflict' ? result.record : undefined
    }
  }
}

/** Ends the session by its version, as `session.regenerate` does. */
export function end(side: Side): Script {
  return function* () {
    const record: SessionRecord | undefined = yield { verb: 'load', side }
    if (record) yield { verb: 'save', side, change: { expiresAt: 0 }, ifVersion: record.version }
  }
}

/** Uses the key again, with a record of its own. */
export function create(side: Side, name: string): Script {
  const values = new Map([
    ['count', '0'],
    [name, '1'],
  ])
  const record = { version: 100, values, createdAt: 500, expiresAt: LATER }
  return function* () {
    yield { verb: 'create', side, record }
  }
}

export const remove: Script = function* () {
  yield { verb: 'delete' }
}

/** Ends it by its key alone, without having loaded it. */
export const removesUnseen: Script = function* () {
  yield { verb: 'delete', unseen: true }
}

export const moves: Script = function* () {
  yield { verb: 'move' }
}

export const expires: Script = function* () {
  yield { verb: 'expire' }
}

export function inTurn(...scripts: Script[]): Script {
  return function* () {
    for (const script of scripts) yield* script()
  }
}

/** Comes after all others, and finds what they have left. */
export const observer: Script = inTurn(
  load('to'),
  load('from'),
  set('to', 'observer'),
  load('to'),
  remove,
  load('from'),
  set('to', 'late'),
  load('to'),
)
