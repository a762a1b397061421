import { auditFiles, failuresInAudit } from './audit.ts'
import { addCounts, type Counts, countsOf, noCounts } from './counts.ts'
import type { Diaries } from './diaries.ts'
import { check } from './history/check.ts'
import type { Rules, Violation } from './history/rules.ts'
import type { Place } from './wire.ts'
import type { WorkerProcess } from './worker-process.ts'

/** What there is to judge when a round is over. */
export interface Evidence {
  diaries: Diaries
  workers: readonly WorkerProcess[]
  /** Those of them that did not end when they were asked to. */
  stuck: readonly WorkerProcess[]
  places: readonly Place[]
}

export interface Judgement {
  counts: Counts
  violations: Violation[]
}

/** Judges the history of a round, its audit, its processes and the files that are left. */
export async function judge(evidence: Evidence, rules: Rules): Promise<Judgement> {
  const { diaries, workers, places } = evidence
  const { sessions, listings } = diaries
  const stops = new Map(workers.map((worker) => [worker.setup.name, worker.stops]))
  const verdict = check({ sessions, listings, stops }, rules)
  const counts = noCounts()
  addCounts(counts, { ...countsOf(diaries, verdict), processes: workers.length })
  const violations = [...verdict.violations, ...failuresInAudit(sessions), ...wrongEndings(evidence)]
  // What may be evidence is not swept.
  if (violations.length > 0) return { counts, violations }
  for (const place of places) {
    const { violations: wrong, ...left } = await auditFiles(place, sessions)
    addCounts(counts, left)
    violations.push(...wrong)
  }
  return { counts, violations }
}

/** Processes that ended when nobody asked them to, or did not end when somebody did. */
function wrongEndings({ workers, stuck }: Evidence): Violation[] {
  const texts = [
    ...stuck.map(({ setup }) => `The process ${setup.name} did not end.`),
    ...workers.flatMap(({ setup, failure }) => (failure === undefined ? [] : [`${setup.name}: ${failure}`])),
  ]
  return texts.map((text) => ({ promise: 'nobody stuck', session: '', text, operations: [] }))
}
