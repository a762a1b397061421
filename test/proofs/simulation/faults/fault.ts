import type { PlantedFault } from '../../../support/planted.ts'

/** A step of the store that is taken away; its file is named below `src/stores/file/`. */
export interface Fault extends PlantedFault {
  /** The exploration that finds it, or `random` schedules. */
  readonly foundBy: string
  /** Where in that it is met first, if late: the seed of a schedule, or a pair. All of it is gone through if not there. */
  readonly at?: number | readonly [first: string, second: string]
  /** It is met late in what finds it, after seconds: for the whole run alone. */
  readonly takesLong?: true
}
