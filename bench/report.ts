import type { Machine } from './machine.ts'
import type { Operation, Samples } from './measure.ts'
import type { Overlap } from './overlap.ts'
import { ratio, type Spread, spread } from './statistics.ts'
import { number, table } from './table.ts'
import type { Verdict } from './targets.ts'

/** One run, as `--json` writes it. */
export interface Results {
  machine: Machine
  rounds: number
  /** Bytes of the line that a save appends, and how many such saves a fold was shared by. */
  save: { lineBytes: number; savesPerFold: number }
  operations: Measured[]
  targets: Verdict[]
  overlaps: Overlap[]
}

export interface Measured {
  group: string
  name: string
  batch: number
  microseconds: Spread
  floor: string
  /** How many times the floor of the same round. */
  ratio: Spread
}

export function measured(operations: readonly Operation[], samples: Samples): Measured[] {
  return operations.map(({ group, name, batch, floor }) => {
    const own = samples.get(name)!
    return { group, name, batch, microseconds: spread(own), floor, ratio: ratio(own, samples.get(floor)!) }
  })
}

export function text({ rounds, operations, save, targets, overlaps }: Results): string {
  const { lineBytes, savesPerFold } = save
  return [
    operationTable(operations),
    `${rounds} rounds. Saving the token appends ${lineBytes} bytes; ${savesPerFold.toFixed(0)} such saves share a fold.`,
    targetTable(targets),
    overlapTable(overlaps),
  ].join('\n\n')
}

export function machineText({ date, cpu, cores, kernel, node, fileSystem, packages }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return `${date}\n${cpu}, ${cores} cores, ${kernel}, ${fileSystem}\nNode ${node}, ${versions.join(', ')}`
}

function operationTable(operations: readonly Measured[]): string {
  const rows: string[][] = []
  let group = ''
  for (const { group: next, name, microseconds: us, ratio, floor } of operations) {
    if (next !== group) rows.push(['', '', '', '', '', ''], [next.toUpperCase(), '', '', '', '', ''])
    group = next
    const quartiles = `${number(us.q1)} .. ${number(us.q3)}`
    const extremes = `${number(us.min)} .. ${number(us.max)}`
    rows.push([name, number(us.median), quartiles, extremes, number(ratio.median), floor])
  }
  return table(['microseconds', 'median', 'quartiles', 'min .. max', 'ratio', 'to'], rows, [0, 5])
}

function targetTable(targets: readonly Verdict[]): string {
  const rows = targets.map(({ what, of, limit, now, later, ratio, metNow, metLater }) => [
    `${what} / ${of}`,
    number(ratio),
    `${limit} ${now}`,
    yes(metNow),
    `${limit} ${later}`,
    yes(metLater),
  ])
  return table(['Targets', 'ratio', 'now', 'met', 'later', 'met'], rows)
}

function overlapTable(overlaps: readonly Overlap[]): string {
  const rows = overlaps.map(({ candidate, requests, kept }) => [candidate, `${kept} of ${requests}`])
  return table(['Overlapping requests, each sets its own value', 'kept'], rows)
}

const yes = (met: boolean): string => (met ? 'yes' : 'no')
