import type { Suite } from '../suite.ts'
import { accountsSuite } from './accounts/suite.ts'
import { contentionSuite } from './contention/suite.ts'
import { expressSessionSuite } from './express-session/suite.ts'
import { frameworksSuite } from './frameworks/suite.ts'
import { httpSuite } from './http/suite.ts'
import { loopsSuite } from './loops/suite.ts'
import { scaleSuite } from './scale/suite.ts'
import { serversSuite } from './servers/suite.ts'
import { slowDiskSuite } from './slow-disk/suite.ts'
import { soakSuite } from './soak/suite.ts'
import { startUpSuite } from './start-up/suite.ts'
import { floorSuite, storeSuite } from './store/suite.ts'

/** In the order in which they run. */
export const suites: readonly Suite[] = [
  floorSuite,
  storeSuite,
  contentionSuite,
  scaleSuite,
  startUpSuite,
  httpSuite,
  frameworksSuite,
  expressSessionSuite,
  loopsSuite,
  serversSuite,
  accountsSuite,
  slowDiskSuite,
  soakSuite,
]
