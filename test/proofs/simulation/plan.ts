import type { SessionKey } from '../../../src/contract/key.ts'
import type { Seeded } from './chance.ts'
import type { OpenStore, Setting } from './execution.ts'
import type { Operation } from './operation.ts'
import {
  begin,
  HOUR,
  KEY,
  LONG_TEXT,
  load,
  NOW,
  type Part,
  SHARD,
  settingOf,
  stage,
  withFolder,
  worldWith,
} from './scenarios.ts'
import type { World } from './world.ts'

/** What a random schedule is made of; all of it follows from the seed. */
export interface Plan {
  start: World
  setting: Setting
  /** How often something goes wrong: once in so many steps; 0: never. */
  kills: number
  stops: number
  errors: number
  halves: number
  shorts: number
  /** Moments that the clock may jump to. */
  times: readonly number[]
  powerFails: boolean
  /** Once in so many steps another process goes on. */
  switches: number
}

const OTHER = `${SHARD}bb`.padEnd(64, 'b') as SessionKey

/** Sessions, processes and mishaps as the chance has it. */
export async function planOf(chance: Seeded, open: OpenStore): Promise<Plan> {
  const durable = chance.oneIn(3)
  const times = chance.oneIn(3)
    ? chance.of([[NOW + HOUR], [NOW + 62_000], [NOW + 62_000, NOW + HOUR, NOW + 2 * HOUR]])
    : []
  const setting = settingOf(open, { fineClock: times.length > 0, losesPower: durable })
  const journal = chance.of(['none', 'fresh', 'long', 'long'] as const)
  const keys = chance.oneIn(4) ? [KEY, OTHER] : [KEY]
  const random = Array.from({ length: 3 + chance.below(2) }, () =>
    partOf(chance, keys, durable, journal !== 'none'),
  )
  const parts =
    times.length > 0 ? withoutSecondCreation(random, journal) : withoutCreationAfterEnd(random, journal)
  const world = await worldWith(journal, setting)
  const sometimes = (often: number): number => (chance.oneIn(2) ? often : 0)
  const staged = await stage(world, parts, setting)
  const sealed = journal === 'long' && !durable && chance.oneIn(3)
  return {
    start: begin(sealed ? await withFolder(staged, setting, { before: 'rename', fate: 'dies' }) : staged),
    setting,
    kills: sometimes(30),
    stops: sometimes(30),
    errors: chance.oneIn(4) ? 20 : 0,
    halves: sometimes(10),
    shorts: chance.oneIn(4) ? 10 : 0,
    times,
    powerFails: durable && chance.oneIn(2),
    switches: chance.of([2, 4, 8]),
  }
}

function partOf(chance: Seeded, keys: readonly SessionKey[], durable: boolean, warm: boolean): Part {
  const overlap = durable && chance.oneIn(2) ? 2 : 1
  return {
    before: warm && chance.oneIn(2) ? [load()] : [],
    now: Array.from({ length: 1 + chance.below(3) }, (_, n) => operationOf(chance, chance.of(keys), n)),
    durable,
    overlap,
    maxOpen: chance.oneIn(4) ? 1 : 100,
    coldLoads: chance.oneIn(4) ? 'pool' : 'sync',
  }
}

/** Ids are random, and so no key is ever used again: of two creations one would be of a session that is over. */
function withoutSecondCreation(parts: readonly Part[], journal: string): Part[] {
  const created = new Set(journal === 'none' ? [] : [KEY])
  const onlyOnce = (operation: Operation): Operation => {
    if (operation.verb !== 'create') return operation
    if (created.has(operation.key)) return load(operation.key)
    created.add(operation.key)
    return operation
  }
  return parts.map((part) => ({ ...part, now: part.now.map(onlyOnce) }))
}

/** Where a session never ends, a second creation is one that finds the key taken. */
function withoutCreationAfterEnd(parts: readonly Part[], journal: string): Part[] {
  const operations = parts.flatMap(({ now }) => now)
  const ends = operations.some(
    (operation) =>
      operation.verb === 'delete' ||
      (operation.verb === 'save' && (operation.expiresAt ?? NOW + HOUR) < NOW + HOUR),
  )
  return ends ? withoutSecondCreation(parts, journal) : [...parts]
}

/** The more often, the more there is to it. */
const WEIGHTED = [
  'save',
  'save',
  'save',
  'fold',
  'fold',
  'conditional',
  'conditional',
  'delete',
  'load',
  'touch',
  'sweep',
  'create',
  'shorten',
  'own',
  'records',
  'exists',
] as const

function operationOf(chance: Seeded, key: SessionKey, n: number): Operation {
  const text = String(chance.below(1000))
  switch (chance.of(WEIGHTED)) {
    case 'save':
      return { verb: 'save', key, set: { [`v${chance.below(3)}`]: text } }
    case 'fold':
      return { verb: 'save', key, set: { long: `${LONG_TEXT.slice(0, -1)}${n}"` } }
    case 'conditional':
      return { verb: 'save', key, set: { counter: text }, conditional: true }
    case 'touch':
      return { verb: 'save', key, expiresAt: NOW + 2 * HOUR + chance.below(3) }
    case 'shorten':
      return { verb: 'save', key, expiresAt: NOW + chance.of([0, 62_000]), set: { v0: text } }
    case 'own':
      return { verb: 'save', key, owner: chance.oneIn(2) ? null : 'somebody', delete: ['v0'] }
    case 'create':
      return { verb: 'create', key, set: { a: text }, expiresAt: NOW + HOUR }
    case 'delete':
      return { verb: 'delete', key }
    case 'exists':
      return { verb: 'exists', key }
    case 'sweep':
      return { verb: 'sweep' }
    case 'records':
      return { verb: 'records' }
    case 'load':
      return load(key)
  }
}
