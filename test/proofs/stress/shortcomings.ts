import type { Counts } from './counts.ts'
import type { StressResult } from './result.ts'

/** A run shorter than this may miss something by chance. */
const LONG_ENOUGH_S = 10

/** What a run has to have done for its result to say anything. */
const WANTED: Partial<Record<keyof Counts, string>> = {
  kills: 'no process was killed',
  killsInCalls: 'no process was killed between two calls of the system',
  stops: 'no process was stopped',
  longStops: 'no process was stopped for longer than a save waits',
  shortages: 'no process ran out of descriptors',
  shortWrites: 'no write was cut short',
  folds: 'no journal was folded',
  takeOvers: 'no fold was taken over from a dead process',
  waits: 'nobody waited for a fold',
  swept: 'nothing expired was swept',
  sweeps: 'nobody swept',
  listings: 'nobody listed the sessions',
  contests: 'no session was created by all at once',
  unanswered: 'no process was killed in the middle of a call',
  changes: 'nothing was saved',
}

/** Calls with an outcome that a run has to have met. */
const WANTED_OUTCOMES = [
  'create: created',
  'create: taken',
  'load: found',
  'load: absent',
  'save: saved',
  'save: gone',
  'save on condition: saved',
  'save on condition: conflict',
  'delete: deleted',
]

/** What a run failed to do, in words: a run that did nothing shows nothing. */
export function shortcomings({ options, counts, hadSmallDisk }: StressResult): string[] {
  if (options.seconds < LONG_ENOUGH_S) return []
  const missed = Object.entries(WANTED).filter(([name]) => counts[name as keyof Counts] === 0)
  const texts = missed.map(([, text]) => text)
  const failed = (code: string): boolean => Object.keys(counts.errors).some((error) => error.startsWith(code))
  if (hadSmallDisk && (counts.fullDisks === 0 || !failed('UNTORN_STORE_UNAVAILABLE (ENOSPC)'))) {
    texts.push('nobody met a full disk')
  }
  if (!failed('UNTORN_STORE_BUSY')) texts.push('no save gave up waiting for a stopped process')
  for (const outcome of WANTED_OUTCOMES) {
    if (!counts.operations[outcome]) texts.push(`there was no "${outcome}"`)
  }
  return texts
}
