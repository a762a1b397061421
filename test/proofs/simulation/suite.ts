import type { OpenStore } from './execution.ts'
import type { Explored } from './explore.ts'

/** An exploration of many worlds, of a store that is given. */
export type Suite = (open: OpenStore) => Promise<Explored>
