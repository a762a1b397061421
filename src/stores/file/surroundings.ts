import type { FileStoreEvent } from './events.ts'
import type { Chance, Clock, Files } from './files.ts'
import type { Holders } from './holder.ts'

/**
 * What surrounds one file store: its system, and whom it reports to. All its parts may use it and none of
 * them changes it; what changes is owned by the part that changes it.
 */
export interface Surroundings {
  readonly files: Files
  readonly clock: Clock
  readonly chance: Chance
  readonly holders: Holders
  readonly report: (event: FileStoreEvent) => void
  /** An id for a line, unique to its append. */
  readonly nextLineId: () => string
}
