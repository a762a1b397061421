import type { FileStoreOptions } from '../../../../src/stores/file/options.ts'
import type { Call, Made } from './faults.ts'
import type { Stage } from './stage.ts'

/** An operation of the store in a certain state, in which every call of the port will fail in turn. */
export interface Scenario {
  name: string
  options?: FileStoreOptions
  /** Bytes from which on a journal is folded. Default: more than any here has. */
  foldBytes?: number
  /** What stands before; nothing fails meanwhile. */
  prepare?: (stage: Stage) => unknown
  /** What another process does just before a call. */
  before?: (stage: Stage) => (call: Call, args: readonly unknown[]) => void
  act: (stage: Stage) => unknown
  /** Calls from the first of which on it differs from the scenario before it. Default: from its start. */
  from?: readonly Call[]
  /** Which calls may fail, once, without failing it. Default: it may fail with any. */
  spares?: (made: Made) => boolean
  /** A file that it could claim in part only is kept, for somebody to look at. */
  mayLeaveTorn?: true
  /** Whether an answer is right that differs from the one without a fault. Default: none is. */
  alsoRight?: (answer: unknown, stage: Stage) => boolean
  /** Nobody waits for what it does. */
  inBackground?: true
  /** It is the store's last operation. */
  closes?: true
  /** It is several operations, of which some may fail: what is acknowledged is there, and nothing that nobody saved. */
  partly?: true
  /** Somebody who lives holds the session, before and after. */
  held?: true
}

export const DISK = { durability: 'disk' } as const

export const SYNCS: readonly Call[] = ['sync', 'syncDirectory']

/** The same scenarios with either durability: until the first sync they are one. */
export function inBothDurabilities(scenarios: readonly Scenario[]): Scenario[] {
  return scenarios.flatMap((scenario) => {
    const name = `${scenario.name}, 'disk'`
    const options = { ...scenario.options, ...DISK }
    return [scenario, { ...scenario, name, options, from: SYNCS }]
  })
}
