/** Milliseconds since the run began, on the clock that all processes of a machine share; with fractions. */
export type Moment = number

/** A record as the history has it: of each value the tag that its text begins with, which names its author. */
export interface SeenRecord {
  version: number
  values: Readonly<Record<string, string>>
  createdAt: number
  expiresAt: number
  owner?: string
}

export type SeenNewRecord = Omit<SeenRecord, 'version'>

export interface SeenChange {
  set?: Readonly<Record<string, string>>
  delete?: readonly string[]
  expiresAt?: number
  owner?: string | null
}

/** What was asked of a store. */
export type Call =
  | { verb: 'create'; record: SeenNewRecord }
  | { verb: 'load' }
  | { verb: 'exists' }
  | { verb: 'save'; change: SeenChange; ifVersion?: number }
  | { verb: 'delete' }
  /** A pass through all sessions: it finds this one, or doesn't. */
  | { verb: 'list' }
  /** A sweep: it shows nothing of one session, but may fail. */
  | { verb: 'sweep' }

/** What it answered. */
export type Answer =
  /** Of `create`. */
  | { is: 'created' }
  | { is: 'taken' }
  /** Of `load` and `records`; of `exists`, which shows no record. */
  | { is: 'found'; record: SeenRecord }
  | { is: 'there' }
  | { is: 'absent' }
  /** Of `save`. */
  | { is: 'saved'; record: SeenRecord }
  | { is: 'conflict'; record: SeenRecord }
  | { is: 'gone' }
  /** Of `delete`. */
  | { is: 'deleted' }
  | { is: 'none' }
  /** Of any. */
  | { is: 'failed'; error: SeenError }

/** An error as the process that met it saw it. */
export interface SeenError {
  name: string
  /** Whether it is of untorn's own class. */
  ours: boolean
  code: string
  /** The code of its cause; `''` for a cause without one, undefined: there is no cause. */
  cause?: string
  message: string
  /** Whether its message holds the session's key. */
  leaks: boolean
}

/** One call on one session, with its answer if it was heard. */
export interface Operation<C extends Call = Call> {
  /** Unique in the run: the process and the call's number in it. Values that it sets carry it as their tag. */
  id: string
  worker: string
  /** Not before this. */
  begun: Moment
  /** Not after this: the answer; or, where none was heard, the end of its process. */
  ended: Moment
  /** The same on the wall clock, ms since the epoch, which expiry goes by. */
  wallBegun: number
  wallEnded: number
  call: C
  /** `undefined`: its process was killed before the answer. It may or may not have happened. */
  answer?: Answer
}

/** A pass through all sessions of a directory. */
export interface Listing extends Omit<Operation, 'call' | 'answer'> {
  place: string
  /** By the session's name. */
  records: ReadonlyMap<string, SeenRecord>
}

/** Everything that was done to one session. */
export interface SessionHistory {
  /** The beginning of its key. */
  name: string
  /** Directories are apart: a listing of one shows nothing of the other. */
  place: string
  operations: readonly Operation[]
}

export type Save = Operation<Extract<Call, { verb: 'save' }>>
export type Create = Operation<Extract<Call, { verb: 'create' }>>

export function isSave(operation: Operation): operation is Save {
  return operation.call.verb === 'save'
}

export function isCreate(operation: Operation): operation is Create {
  return operation.call.verb === 'create'
}

/** The operation that a value's tag names: the tag is its id, a slash, and what tells its values apart. */
export function authorOf(tag: string): string {
  return tag.slice(0, tag.indexOf('/'))
}

/** Whether a change raises the version. */
export function changesValues({ set, delete: deleted }: SeenChange): boolean {
  return Object.keys(set ?? {}).length > 0 || (deleted?.length ?? 0) > 0
}

export function recordIn(answer: Answer | undefined): SeenRecord | undefined {
  return answer && 'record' in answer ? answer.record : undefined
}
