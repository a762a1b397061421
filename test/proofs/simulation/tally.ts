import type { CallName } from './call.ts'
import { type Choice, callOf } from './choice.ts'
import type { Verb } from './operation.ts'
import type { World } from './world.ts'

/** A tally as it is sent from one process to another. */
export type PlainTally = Record<string, number | [string, number][]>

/** What schedules went through: one that reached nothing shows nothing. */
export class Tally {
  schedules = 0
  steps = 0
  kills = 0
  stops = 0
  halves = 0
  errors = 0
  shortWrites = 0
  jumps = 0
  powerLosses = 0
  folds = 0
  takeOvers = 0
  waits = 0
  readonly calls = new Map<CallName, number>()
  /** Operations by verb and by what they came to. */
  readonly ends = new Map<string, number>()
  readonly codes = new Map<string, number>()

  choice(world: World, choice: Choice): void {
    this.steps++
    switch (choice.kind) {
      case 'step': {
        const call = callOf(world.processes[choice.process]!, choice.step)
        if (call) add(this.calls, call.name)
        return
      }
      case 'fail':
        this.errors++
        add(this.codes, `${callOf(world.processes[choice.process]!, choice.step)!.name} ${choice.code}`)
        return
      case 'kill':
        this.kills++
        return
      case 'stop':
        this.stops++
        return
      case 'half':
        this.halves++
        return
      case 'short':
        this.shortWrites++
        return
      case 'time':
        this.jumps++
    }
  }

  /** As it can be sent to another process. */
  plain(): PlainTally {
    const counts = Object.entries(this).map(([name, value]: [string, number | Map<string, number>]) => [
      name,
      typeof value === 'number' ? value : [...value],
    ])
    return Object.fromEntries(counts)
  }

  /** The end of a schedule. */
  end({ processes, history }: World): void {
    this.schedules++
    for (const { place } of processes) {
      const { folds, takeOvers, waits } = place.standing.stats
      this.folds += folds
      this.takeOvers += takeOvers
      this.waits += waits
    }
    for (const { operation, outcome, cut } of history.all) {
      if (cut) add(this.ends, `${operation.verb}: cut short`)
      else if (outcome) add(this.ends, `${operation.verb}: ${endOf(operation.verb, outcome)}`)
    }
  }
}

function endOf(verb: Verb, outcome: { value: unknown } | { error: string }): string {
  if ('error' in outcome) return outcome.error
  const { value } = outcome
  if (verb === 'save') return (value as { outcome: string }).outcome
  if (verb === 'load') return value === undefined ? 'absent' : 'found'
  return typeof value === 'boolean' ? String(value) : 'done'
}

/** Adds what another process has counted. */
export function addTally(sum: Tally, more: PlainTally): void {
  const counts = sum as unknown as Record<string, number | Map<string, number>>
  for (const [name, value] of Object.entries(more)) {
    const before = counts[name]
    if (typeof before === 'number') counts[name] = before + (value as number)
    else if (before) for (const [key, n] of value as [string, number][]) add(before, key, n)
  }
}

/** A line for each thing that was counted. */
export function tallyText(tally: Tally): string {
  const lines = Object.entries(tally.plain()).map(([name, value]) => {
    const text = typeof value === 'number' ? value : value.map(([key, n]) => `${key} ${n}`).join(', ')
    return `${name.padEnd(13)} ${text}`
  })
  return lines.join('\n')
}

function add<Key>(counts: Map<Key, number>, key: Key, n = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}

/** Every call of the port, every verb with each of its ends, and every mishap. */
const TO_BE_MET: readonly string[] = [
  ...['open', 'create', 'close', 'release', 'append', 'read', 'status', 'pathStatus', 'rename', 'unlink'],
  ...['list', 'hintExpiry', 'claim', 'sync', 'syncDirectory', 'now', 'holderStatus'],
  ...['create: true', 'create: false', 'load: found', 'load: absent', 'exists: true', 'exists: false'],
  ...[
    'save: saved',
    'save: conflict',
    'save: gone',
    'delete: true',
    'delete: false',
    'sweep: done',
    'records: done',
  ],
  ...['save: UNTORN_STORE_UNAVAILABLE', 'save: UNTORN_STORE_BUSY', 'save: cut short'],
  ...[
    'kills',
    'stops',
    'halves',
    'errors',
    'shortWrites',
    'jumps',
    'powerLosses',
    'folds',
    'takeOvers',
    'waits',
  ],
]

/** What schedules should have gone through, and did not. */
export function missing(tally: Tally): string[] {
  const counts = { ...tally, ...Object.fromEntries(tally.calls), ...Object.fromEntries(tally.ends) }
  return TO_BE_MET.filter((what) => !(Number((counts as Record<string, unknown>)[what]) > 0))
}
