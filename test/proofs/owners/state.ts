import type { Answered, Course } from './course.ts'
import type { Call, World } from './store.ts'

/** A verb of the scenario: not begun, under way, over, or with a process that died. */
export interface Doing {
  readonly course: Course | undefined
  /** Of its calls: those that were answered. */
  readonly answers: readonly (Answered | undefined)[]
  readonly isDead: boolean
}

export interface Trace {
  readonly before: Trace | undefined
  readonly step: string
}

export interface State {
  readonly world: World
  readonly doings: readonly Doing[]
  readonly crashes: number
  readonly losses: number
  /** Calls whose answers were lost, and that may still be carried out. */
  readonly underWay: readonly { readonly call: Call; readonly name: number }[]
  /** "b3": the fourth verb has begun; "e3": it has told its result. */
  readonly events: readonly string[]
  readonly trace: Trace | undefined
}
