import type { Suite } from '../suite.ts'
import { floorSuite, storeSuite } from './store/suite.ts'

/** In the order in which they run. */
export const suites: readonly Suite[] = [floorSuite, storeSuite]
