import { badBlocks } from './bad-blocks.ts'
import type { Setting } from './execution.ts'
import { add, CALM, type Chaos, type Explored, explore, Found, nothingExplored } from './explore.ts'
import { failedElsewhere } from './failed-elsewhere.ts'
import type { Operation } from './operation.ts'
import { type JournalKind, type Pair, pairs, unlikePairs, worldOf } from './pairs.ts'
import { losePowerEverywhere } from './power-everywhere.ts'
import {
  begin,
  create,
  HOUR,
  KEY,
  LONG_TEXT,
  load,
  NOW,
  type Part,
  type Situation,
  save,
  settingOf,
  stage,
  withFolder,
  worldWith,
} from './scenarios.ts'
import { MORE_SPACE, SPACE } from './space.ts'
import type { Suite } from './suite.ts'
import type { World } from './world.ts'

/** Every pair of operations on one kind of journal, or those that are given. */
export function pairsOn(journal: JournalKind, warm: boolean, chaos = CALM, chosen = pairs()): Suite {
  return (open) => {
    const setting = settingOf(open, { fineClock: chaos.times.length > 0 })
    return all(chosen, (pair) => worldOf(pair, journal, warm, setting), setting, chaos)
  }
}

async function all<T>(
  cases: readonly T[],
  worldFor: (one: T) => Promise<World>,
  setting: Setting,
  chaos: Chaos,
): Promise<Explored> {
  const sum = nothingExplored()
  for (const one of cases) {
    try {
      add(sum, await explore(await worldFor(one), setting, chaos))
    } catch (error) {
      if (error instanceof Found) error.about = JSON.stringify(one)
      throw error
    }
  }
  return sum
}

/** Whether a pair has to do with an expiry: neither is a creation or a fold. */
const lively = ({ first, second }: Pair): boolean =>
  ![first, second].some((name) => ['create', 'save that folds'].includes(name))

/** The clock may jump to the session's expiry at any moment. */
const EXPIRING = { ...CALM, times: [NOW + HOUR] }

/** The situations that are known to be hard, by name. */
export const NAMED: Readonly<Record<string, Situation>> = {
  ...SPACE,
  'a holder finishes its rename and dies while another takes over': {
    journal: 'long',
    parts: [{ before: [load()], now: [save('x', '1')] }],
    folder: { before: 'rename', fate: 'goes on' },
    chaos: { ...CALM, kills: 1 },
  },
  'a holder is stopped before its rename, and two wait for it': {
    journal: 'long',
    parts: [
      { before: [load()], now: [save('x', '1')] },
      { before: [load()], now: [load(), { verb: 'delete', key: KEY }] },
    ],
    folder: { before: 'rename', fate: 'stops' },
  },
  'a touch meets the sweep of the session that it extends': {
    journal: 'fresh',
    parts: [
      { before: [load()], now: [{ verb: 'save', key: KEY, expiresAt: NOW + 2 * HOUR }, load()] },
      { now: [{ verb: 'sweep' }] },
    ],
    chaos: { ...CALM, times: [NOW + HOUR] },
  },
  'a delete meets a fold': {
    journal: 'long',
    parts: [
      { before: [load()], now: [save('z', LONG_TEXT), load()] },
      { before: [load()], now: [{ verb: 'delete', key: KEY }, load()] },
    ],
  },
  'a descriptor is kept across two folds': {
    journal: 'long',
    parts: [
      { before: [load()], now: [save('x', '1')] },
      { now: [save('z', LONG_TEXT), save('z', LONG_TEXT.replace('.', '-'))] },
    ],
  },
  'two fold the same journal, and one of them saves on': {
    journal: 'long',
    parts: [
      { before: [load()], now: [save('z', LONG_TEXT), save('x', '1')] },
      { before: [load()], now: [save('z', LONG_TEXT.replace('.', '-'))] },
    ],
  },
  'one is killed at any moment of a fold, and two others save': {
    journal: 'long',
    parts: [
      { before: [load()], now: [save('z', LONG_TEXT)] },
      { before: [load()], now: [save('x', '1')] },
    ],
    chaos: { kills: 1, halves: 1, times: [] },
  },
  'an append is torn at any of its bytes, and another process goes on behind it': {
    journal: 'fresh',
    parts: [
      { before: [load()], now: [save('x', '1')] },
      { before: [load()], now: [save('y', '2'), load()] },
    ],
    chaos: { kills: 1, halves: 1, everyByte: true, times: [] },
  },
  'a creator falls asleep for longer than a minute, and the sweep comes by': {
    journal: 'none',
    parts: [{ now: [create(), load()] }, { now: [{ verb: 'sweep' }] }],
    chaos: { ...CALM, times: [NOW + 62_000] },
  },
  'a session is made to expire sooner, and does, and another extends it that does not know': {
    journal: 'fresh',
    parts: [
      { before: [load()], now: [{ verb: 'save', key: KEY, expiresAt: NOW + 60_000 }] },
      { before: [load()], now: [{ verb: 'save', key: KEY, expiresAt: NOW + 2 * HOUR }, load()] },
    ],
    chaos: { ...CALM, times: [NOW + 60_000] },
  },
  'three processes name the same version': {
    journal: 'fresh',
    parts: Array.from(
      { length: 3 },
      (_, n): Part => ({
        before: [load()],
        now: [{ verb: 'save', key: KEY, set: { counter: String(n) }, conditional: true }],
      }),
    ),
  },
  'a session expires while its journal is folded': {
    journal: 'long',
    parts: [
      { before: [load()], now: [{ verb: 'save', key: KEY, expiresAt: NOW + 2 * HOUR }] },
      { before: [load()], now: [load()] },
    ],
    chaos: { ...CALM, times: [NOW + HOUR] },
  },
}

/** A suite for each of some situations. */
function namedAs(situations: Readonly<Record<string, Situation>>): Record<string, Suite> {
  return Object.fromEntries(Object.entries(situations).map(([name, it]) => [name, exploring(it)]))
}

function exploring({ journal, parts, folder, chaos = CALM, at }: Situation): Suite {
  return async (open) => {
    const setting = settingOf(open, { fineClock: chaos.times.length > 0 })
    const staged = await stage(await worldWith(journal, setting), parts, setting)
    const begun = begin(folder ? await withFolder(staged, setting, folder) : staged)
    return explore(at === undefined ? begun : { ...begun, now: at }, setting, chaos)
  }
}

const durable = (now: readonly Operation[], more: Partial<Part> = {}): Part => ({
  now,
  durable: true,
  ...more,
})

interface PowerCase {
  journal: 'none' | 'fresh' | 'long'
  parts: readonly Part[]
  /** When it begins. */
  at?: number
}

/** What is under way when the power fails. */
const POWER: Readonly<Record<string, PowerCase>> = {
  'a creation': { journal: 'none', parts: [durable([create(), save('x', '1')])] },
  'two saves of one process': {
    journal: 'fresh',
    parts: [durable([save('x', '1'), save('y', '2')], { overlap: 2 })],
  },
  'saves of two processes': {
    journal: 'fresh',
    parts: [durable([save('x', '1')]), durable([save('y', '2')])],
  },
  'a delete': { journal: 'fresh', parts: [durable([{ verb: 'delete', key: KEY }])] },
  'a creation in the place of what has expired': {
    journal: 'fresh',
    parts: [durable([{ ...create(), expiresAt: NOW + 2 * HOUR } as Operation, save('x', '1')])],
    at: NOW + HOUR,
  },
  'a fold': { journal: 'long', parts: [durable([save('z', LONG_TEXT), save('x', '1')])] },
  'a delete after a fold': {
    journal: 'long',
    parts: [durable([save('z', LONG_TEXT), { verb: 'delete', key: KEY }])],
  },
}

/** The power fails at any moment of these, and any part of what was not synced is missing. */
function powerFails(cases: readonly PowerCase[], failingSyncs: number, most?: number): Suite {
  return (open) => {
    const setting = settingOf(open, { losesPower: true })
    const worldFor = async ({ journal, parts, at }: PowerCase): Promise<World> => {
      const begun = begin(await stage(await worldWith(journal, setting), parts, setting))
      return at === undefined ? begun : { ...begun, now: at }
    }
    return losePowerEverywhere(cases, worldFor, setting, { left: failingSyncs }, most)
  }
}

/** One save after the other: the second one must not believe a sync that knows nothing of the first. */
const SYNCED_AGAIN: readonly PowerCase[] = [
  { journal: 'fresh', parts: [durable([save('x', '1'), save('y', '2')])] },
  { journal: 'fresh', parts: [durable([save('x', '1'), { verb: 'delete', key: KEY }])] },
]

const KILLED = { ...CALM, kills: 1 }
const TORN = { ...CALM, kills: 1, halves: 1 }

/** Explorations of pairs: of all that there are, or of those that are chosen. */
export function pairSuites(chosen: (pair: Pair) => boolean): Record<string, Suite> {
  const on = (journal: JournalKind, chaos = CALM, all = pairs()) =>
    pairsOn(journal, true, chaos, all.filter(chosen))
  return {
    'every pair on no journal yet': on('none'),
    'every pair on a fresh journal': on('fresh'),
    'every pair on a long journal': on('long'),
    'every pair on a journal that a dead process has sealed': on('sealed', CALM, unlikePairs()),
    'every pair on a journal that was replaced by a process that died then': on('replaced'),
    'every pair while one of the two is killed': on('fresh', KILLED),
    'every pair while an append is seen half done, or stays torn': on('fresh', TORN),
    'every pair while the session expires': on('fresh', EXPIRING, pairs().filter(lively)),
  }
}

/** Power losses during what is chosen of all that may be under way then. `most`: what is left then, at each moment. */
export function powerSuite(chosen: readonly string[], most?: number): Suite {
  return powerFails(
    chosen.map((name) => POWER[name]!),
    0,
    most,
  )
}

/** Everything that is explored to its end. */
export const SUITES: Readonly<Record<string, Suite>> = {
  ...pairSuites(() => true),
  'power loss at every moment': powerSuite(Object.keys(POWER)),
  'power loss after a sync that failed': powerFails(SYNCED_AGAIN, 1),
  'power loss after a sync that failed, and another process saved': failedElsewhere,
  "every block of a journal that can't be read": badBlocks,
  ...namedAs(NAMED),
}

/** What takes minutes: pairs that are alike, by processes that meet the journal for the first time, deaths on others. */
export const MORE_SUITES: Readonly<Record<string, Suite>> = {
  'every pair on a journal that a dead process has sealed, alike or not': pairsOn('sealed', true),
  'every pair on a fresh journal, met for the first time': pairsOn('fresh', false),
  'every pair on a long journal, met for the first time': pairsOn('long', false),
  'every pair on a sealed journal, met for the first time': pairsOn('sealed', false),
  'every pair on a replaced journal, met for the first time': pairsOn('replaced', false),
  'every pair on a long journal while one of the two is killed': pairsOn('long', true, KILLED),
  'every pair on a long journal while an append is seen half done, or stays torn': pairsOn(
    'long',
    true,
    TORN,
  ),
  ...namedAs(MORE_SPACE),
}
