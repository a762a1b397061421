import type { SessionKey } from '../../../src/contract/key.ts'
import type { CallName } from './call.ts'
import { choose, ordinaryChoices } from './choice.ts'
import { Disk } from './disk.ts'
import type { Setting } from './execution.ts'
import { add, CALM, type Chaos, explore, nothingExplored } from './explore.ts'
import type { Operation } from './operation.ts'
import { losePowerEverywhere } from './power-everywhere.ts'
import { begin, create, KEY, load, NOW, type Part, save, settingOf, stage } from './scenarios.ts'
import type { Suite } from './suite.ts'
import { newWorld, type World } from './world.ts'

const ROOT = '/var/sessions'

/** Of the parents, and of the directory itself, nothing is there yet. */
const NOTHING: readonly string[] = ['/']

/** The directory is there, and empty: then the orders are about the manifest alone. */
const EMPTY: readonly string[] = ['/', '/var', ROOT]

const START: Operation = { verb: 'start' }
const TWO: readonly Part[] = [{ now: [START] }, { now: [START] }]
const CLEANER: Part = { now: [{ verb: 'clean' }] }

/** A session in a shard of its own, which nobody has made yet. */
const ELSEWHERE = 'bb'.repeat(32) as SessionKey

/** Another one in the same shard. */
const BESIDE = `aa${'cd'.repeat(31)}` as SessionKey

const DURABLE: Part = { now: [START, create()], durable: true }

/** It has synced the name of a shard that is empty now, and makes a session there. */
const CLEANED: Part = {
  before: [START, create(), { verb: 'delete', key: KEY }],
  now: [create(BESIDE)],
  durable: true,
}

async function worldOfStarts(
  directories: readonly string[],
  parts: readonly Part[],
  setting: Setting,
): Promise<World> {
  const disk = new Disk(undefined, setting.losesPower)
  for (const [at, path] of directories.entries()) disk.makeDirectory(path, at + 1, NOW)
  disk.settle()
  return begin(await stage(newWorld(disk, NOW), parts, setting))
}

function starts(directories: readonly string[], parts: readonly Part[], more: Partial<Chaos> = {}): Suite {
  return async (open) => {
    const chaos = { ...CALM, ...more }
    const setting = settingOf(open, { root: ROOT, fineClock: chaos.times.length > 0 })
    return explore(await worldOfStarts(directories, parts, setting), setting, chaos)
  }
}

/** A world in which the first of several starts has come to its first call of a name. */
async function startedUntil(
  before: CallName,
  directories: readonly string[],
  parts: readonly Part[],
  setting: Setting,
): Promise<World> {
  let world = await worldOfStarts(directories, parts, setting)
  while (world.processes[0]!.place.standing.call?.name !== before) {
    const own = ordinaryChoices(world).find((choice) => 'process' in choice && choice.process === 0)
    if (!own) throw new Error(`The start never came to ${before}.`)
    world = await choose(world, own)
  }
  return world
}

/** One falls asleep with a file half made that another one takes for a dead one's: its draft, or what it tries with. */
const sleepers: Suite = async (open) => {
  const chaos = { ...CALM, times: [NOW + 62_000] }
  const setting = settingOf(open, { root: ROOT, fineClock: true })
  const sum = nothingExplored()
  for (const before of ['rename', 'unlink'] as const) {
    add(sum, await explore(await startedUntil(before, EMPTY, TWO, setting), setting, chaos))
  }
  return sum
}

/** Where a death leaves what the next start finds, and can't know to be synced: directories, or a manifest too. */
const DEATHS: readonly CallName[] = ['listNow', 'syncDirectoryNow']

async function afterDeath(before: CallName, setting: Setting): Promise<World> {
  const started = await startedUntil(before, NOTHING, [DURABLE, DURABLE], setting)
  return choose(started, { kind: 'kill', process: 0 })
}

function powerFails<T>(
  cases: readonly T[],
  worldFor: (one: T, setting: Setting) => Promise<World>,
  failingSyncs = 0,
): Suite {
  return (open) => {
    const setting = settingOf(open, { root: ROOT, losesPower: true })
    return losePowerEverywhere(cases, (one) => worldFor(one, setting), setting, { left: failingSyncs })
  }
}

/** Everything that may happen to a start. They are for what opens a store in a directory that is not ready. */
export const START_SUITES: Readonly<Record<string, Suite>> = {
  'two start at once': starts(NOTHING, [{ now: [START, create()] }, { now: [START] }]),
  'one of two that start at once is killed': starts(EMPTY, TWO, { kills: 1 }),
  'a start falls asleep for longer than a minute beside another one': sleepers,
  'a start is killed at any call, with its manifest written by halves': starts(
    NOTHING,
    [{ now: [START, create(), load()] }],
    { kills: 1, halves: 1 },
  ),
  'a start beside a store that runs, and one of them is killed': starts(
    NOTHING,
    [{ before: [START, create()], now: [save('x', '1'), load()] }, { now: [START, load(), save('y', '2')] }],
    { kills: 1 },
  ),
  'a cleaner comes while stores run': starts(EMPTY, [
    { before: [START, create()], now: [load(ELSEWHERE), save('x', '1'), { verb: 'sweep' }] },
    CLEANER,
  ]),
  'a cleaner comes while one makes a session where the last one has just gone': starts(EMPTY, [
    { before: [START, create(), { verb: 'delete', key: KEY }], now: [create(BESIDE), load(BESIDE)] },
    CLEANER,
  ]),
  'a cleaner comes while one starts beside a store that runs': starts(EMPTY, [
    { before: [START, create()], now: [load(ELSEWHERE)] },
    { now: [START, load()] },
    CLEANER,
  ]),
  'the power fails after a session was made in a shard that a cleaner had taken': powerFails(
    [[CLEANED, { before: CLEANER.now, now: [] }]],
    (parts, setting) => worldOfStarts(EMPTY, parts, setting),
  ),
  'any call of a start fails, and it starts again': starts(
    NOTHING,
    [{ now: [START, START, create(), load()] }],
    {
      errors: 1,
    },
  ),
  'any call of one of two starts fails': starts(EMPTY, TWO, { errors: 1 }),
  'the power fails during a start, or after it': powerFails([DURABLE], (part, setting) =>
    worldOfStarts(NOTHING, [part], setting),
  ),
  'the power fails during a start, or after it, behind one that died': powerFails(DEATHS, afterDeath),
  'the power fails after a start one of whose syncs failed': powerFails(
    [{ ...DURABLE, now: [START, ...DURABLE.now] }],
    (part, setting) => worldOfStarts(EMPTY, [part], setting),
    1,
  ),
}
