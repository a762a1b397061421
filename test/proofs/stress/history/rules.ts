import type { Operation } from './operation.ts'

/** What depends on the store that wrote a history. */
export interface Rules {
  /**
   * Whether an operation that failed may stand all the same. So it is with `durability: 'disk'`: what could not be
   * synced was appended before. Otherwise an error says that nothing was changed.
   */
  failuresMayStand: boolean
  /** Milliseconds after which an operation counts as stuck, time in which its process was stopped not included. */
  longestWait: number
}

/** The promises, as the contract of the stores names them, and what this store adds. */
export type Promised =
  | 'whole'
  | 'nothing lost'
  | 'exactly once'
  | 'gone is gone'
  | 'never created by a save'
  | 'errors are typed'
  | 'expiry'
  | 'in order of time'
  | 'nobody stuck'
  | 'nothing left behind'

/** A promise that a history shows broken. */
export interface Violation {
  promise: Promised
  session: string
  /** What is wrong, in words. */
  text: string
  /** The operations that show it. */
  operations: readonly Operation[]
}

export type Fate = 'done' | 'undone' | 'unknown'

/** Whether an operation changed the session, by what it answered. */
export function fateOf({ answer }: Operation, { failuresMayStand }: Rules): Fate {
  switch (answer?.is) {
    case undefined:
      return 'unknown'
    case 'failed':
      return failuresMayStand ? 'unknown' : 'undone'
    case 'created':
    case 'saved':
    case 'deleted':
      return 'done'
    default:
      return 'undone'
  }
}

/** Whether `first` was over before `second` began, in any process: then its effect came first, too. */
export function isBefore(first: Operation, second: Operation): boolean {
  return first.ended < second.begun
}
