import type { Counts } from './counts.ts'
import type { Violation } from './history/rules.ts'
import type { StressOptions } from './options.ts'

/** What a run did, and what it found. */
export interface StressResult {
  options: StressOptions
  /** Seconds that the processes worked. */
  seconds: number
  rounds: number
  counts: Counts
  /** Whether there was a file system that could be filled. */
  hadSmallDisk: boolean
  violations: Violation[]
  /** The first of them, with what happened around them. */
  report: string
  /** Where the sessions and the diaries are, if they were kept. */
  kept: string | undefined
}
