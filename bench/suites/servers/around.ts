import type { Measured, SuiteContext } from '../../suite.ts'
import { overlapsOf } from './overlaps.ts'
import type { ServerName } from './pairs.ts'
import { about, merged, type Plan } from './plan.ts'
import { processesAtOneSession } from './processes.ts'
import { roundTrips } from './round-trips.ts'

/** What is looked at in the same way, whichever server it is. */
export async function aroundServer(
  server: ServerName,
  url: string,
  plan: Plan,
  progress: SuiteContext['progress'],
): Promise<Measured> {
  return merged([
    await roundTrips(server, url),
    await overlapsOf(server, url),
    await processesAtOneSession(server, url, plan.processes, about(`${server}, processes`, progress)),
  ])
}
