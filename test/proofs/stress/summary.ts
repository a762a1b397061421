import { sum } from './counts.ts'
import type { StressResult } from './result.ts'

/** What a run did, for somebody to read. */
export function summary(result: StressResult): string {
  const { options, seconds, rounds, counts, violations } = result
  const { operations } = counts
  const lines = [
    `seed ${options.seed}, ${number(Math.round(seconds))} s (rounds: ${rounds}), ${options.processes} processes at a time, ` +
      `durability '${options.durability}'`,
    ...(result.hadSmallDisk
      ? []
      : ['No small file system could be mounted (that takes root): no disk was full.']),
    '',
    ...table('done to them', [
      ['processes started', counts.processes],
      ['killed', counts.kills],
      ['of them between two calls of the system', counts.killsInCalls],
      ['stopped', counts.stops],
      ['of them for longer than a save waits', counts.longStops],
      ['disk full', counts.fullDisks],
      ['no descriptor left', counts.shortages],
      ['writes cut short', counts.shortWrites],
    ]),
    ...table('done by the store', [
      ['folds', counts.folds],
      ['folds taken over from the dead', counts.takeOvers],
      ['waits for a fold', counts.waits],
      ['damaged lines skipped', counts.damagedLines],
      ['expired sessions swept', counts.swept],
      ['files of killed folds left', counts.temporaryFiles],
      ['unfinished files left', counts.unfinishedFiles],
    ]),
    ...table('sweeps, listings, creations by all at once', [
      ['sweeps', counts.sweeps],
      ['listings', counts.listings],
      ['creations', counts.contests],
    ]),
    ...table(`${number(sum(operations))} calls`, sorted(operations)),
    ...table('errors', sorted(counts.errors)),
    ...table('told to onEvent', sorted(counts.events)),
    ...table('judged', [
      ['sessions', counts.sessions],
      ['changes put in order', counts.changes],
      ['calls that may or may not have happened', counts.unanswered],
      ['gaps with too many possible orders', counts.undecided],
      ['violations', violations.length],
    ]),
  ]
  return lines.join('\n')
}

function table(title: string, rows: readonly (readonly [string, number])[]): string[] {
  return [title, ...rows.map(([name, count]) => `  ${number(count).padStart(11)}  ${name}`), '']
}

function sorted(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))
}

function number(n: number): string {
  return n.toLocaleString('en')
}
