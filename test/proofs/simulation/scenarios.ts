import type { SessionKey } from '../../../src/contract/key.ts'
import { settle } from './audit.ts'
import type { CallName } from './call.ts'
import { choose, ordinaryChoices } from './choice.ts'
import { courseOf } from './course.ts'
import { Disk } from './disk.ts'
import type { OpenStore, Setting } from './execution.ts'
import type { Chaos } from './explore.ts'
import type { Operation } from './operation.ts'
import { newProcess, newWorld, type Process, type World } from './world.ts'

export const ROOT = '/sessions'
export const SHARD = 'aa'
export const NOW = 1_000_000
export const HOUR = 3_600_000

/** Journals are folded from here on: short ones make short runs. */
const FOLD_BYTES = 600

export const KEY = SHARD.repeat(32) as SessionKey

/** Milliseconds that a process of the simulation waits for a fold of another. */
const BUSY_TIMEOUT = 20

export function settingOf(open: OpenStore, more: Partial<Setting> = {}): Setting {
  return {
    root: ROOT,
    open,
    foldBytes: FOLD_BYTES,
    shards: [SHARD],
    fineClock: false,
    losesPower: false,
    ...more,
  }
}

/** A directory as `fileStore()` prepares it, in which sessions have been before. */
function preparedDisk(losesPower: boolean): Disk {
  const disk = new Disk(undefined, losesPower)
  disk.makeDirectory('/', 1, NOW)
  disk.makeDirectory(ROOT, 2, NOW)
  disk.makeDirectory(`${ROOT}/${SHARD}`, 3, NOW)
  disk.create(`${ROOT}/untorn.json`, 4, NOW)
  disk.close(4)
  disk.settle()
  return disk
}

export const create = (key = KEY): Operation => ({
  verb: 'create',
  key,
  set: { a: '1' },
  expiresAt: NOW + HOUR,
})
export const load = (key = KEY): Operation => ({ verb: 'load', key })
export const save = (name: string, text: string, key = KEY): Operation => ({
  verb: 'save',
  key,
  set: { [name]: text },
})

/** What a process does, from what it has done before the exploration begins. */
export interface Part {
  before?: readonly Operation[]
  now: readonly Operation[]
  durable?: boolean
  overlap?: number
  maxOpen?: number
  coldLoads?: 'sync' | 'pool'
}

/** Processes about to do something hard to one session. */
export interface Situation {
  journal: 'none' | 'fresh' | 'long'
  parts: readonly Part[]
  /** One more that folds. */
  folder?: { before: CallName; fate: 'dies' | 'stops' | 'goes on' }
  chaos?: Chaos
  /** When it begins. */
  at?: number
}

/** A world in which each part has done what it does before, and waits for {@link begin}. */
export async function stage(world: World, parts: readonly Part[], setting: Setting): Promise<World> {
  let staged = world
  for (const part of parts) {
    const process = await player(part, staged.processes.length + 1, setting)
    staged = await settle({ ...staged, processes: [...staged.processes, process] })
  }
  return staged
}

/** The world with all its processes free to do the rest of what they do, but for closing their stores. */
export function begin(world: World): World {
  const free = (process: Process): Process => ({
    ...process,
    mayStart: process.course.program.operations.length - 1,
  })
  return { ...world, processes: world.processes.map(free) }
}

async function player(part: Part, pid: number, setting: Setting): Promise<Process> {
  const { before = [], now, durable = false, overlap = 1, maxOpen = 100, coldLoads = 'sync' } = part
  const options = {
    durability: durable ? 'disk' : 'process',
    maxOpen,
    coldLoads,
    busyTimeout: `${BUSY_TIMEOUT}ms`,
  } as const
  const operations = [...before, ...now, { verb: 'close' } as const]
  return newProcess(courseOf({ pid, operations, options, overlap }, setting), before.length)
}

/** A text of a length that makes a journal long enough to be folded. */
export const LONG_TEXT = JSON.stringify(''.padEnd(700, '.'))

const worlds = new WeakMap<OpenStore, Map<string, Promise<World>>>()

/** A world with a session, and nobody in it: `long` means that the next save folds its journal. */
export function worldWith(journal: 'none' | 'fresh' | 'long', setting: Setting): Promise<World> {
  const known = worlds.get(setting.open) ?? new Map<string, Promise<World>>()
  worlds.set(setting.open, known)
  const kind = `${journal} ${setting.losesPower} ${setting.fineClock}`
  const world = known.get(kind) ?? makeWorld(journal, setting)
  known.set(kind, world)
  return world
}

async function makeWorld(journal: 'none' | 'fresh' | 'long', setting: Setting): Promise<World> {
  const world = newWorld(preparedDisk(setting.losesPower), NOW)
  if (journal === 'none') return world
  const now = [
    create(),
    ...Array.from({ length: journal === 'fresh' ? 0 : 3 }, (_, n) => save('pad', padding(n))),
  ]
  const made = await stage(world, [{ before: now, now: [] }], setting)
  const left = await choose(made, { kind: 'kill', process: 0 })
  left.disk.settle()
  return left
}

/** Fills a journal: with three of these it is just short of being folded. */
const padding = (n: number): string => JSON.stringify(`${n}`.padEnd(30, '.'))

/** One more process, which folds and then saves again, and what becomes of it before its first call of a name. */
export async function withFolder(
  world: World,
  setting: Setting,
  { before, fate }: NonNullable<Situation['folder']>,
): Promise<World> {
  const index = world.processes.length
  const folder: Part = { now: [save('pad', LONG_TEXT), save('after', '1')] }
  const staged = await stage(world, [folder], setting)
  const processes = staged.processes.map((it, at) => (at === index ? { ...it, mayStart: 1 } : it))
  let folding: World = { ...staged, processes }
  while (folding.processes[index]!.place.standing.call?.name !== before) {
    const choice = ordinaryChoices(folding).find((one) => 'process' in one && one.process === index)
    if (!choice) throw new Error(`The folding process never came to ${before}.`)
    folding = await choose(folding, choice)
  }
  return fate === 'goes on'
    ? folding
    : choose(folding, { kind: fate === 'dies' ? 'kill' : 'stop', process: index })
}
