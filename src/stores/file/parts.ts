import { Damage } from './damage.ts'
import { SHARDS } from './directory.ts'
import { Durability } from './durability.ts'
import { guardedReport } from './events.ts'
import type { Chance, Clock, Files } from './files.ts'
import { FOLD_BYTES, Folds } from './folds.ts'
import type { Holders } from './holder.ts'
import { JournalNames } from './names.ts'
import { OpenJournals } from './open-journals.ts'
import type { CheckedFileStoreOptions } from './options.ts'
import { type ReadyDirectory, Root } from './root.ts'
import { Succession } from './succession.ts'
import type { Surroundings } from './surroundings.ts'
import { Sweeps } from './sweep.ts'
import { WarmUp } from './warm-up.ts'

/** What a store runs on once its directory is ready. */
export interface RunningSystem {
  files: Files
  clock: Clock
  holders: (store: string) => Holders
  chance: Chance
  /** Default: {@link FOLD_BYTES}. */
  foldBytes?: number
  /** Shards that sessions may be in; a simulation has fewer to look through. Default: all. */
  shards?: readonly string[]
}

/**
 * The parts of a store. What changes while it runs is in one of them, which says what it guards; the verbs
 * (load, save, create, delete) have no state, and name the parts that they work with.
 */
export interface Parts extends Surroundings {
  readonly root: Root
  readonly names: JournalNames
  readonly journals: OpenJournals
  readonly damage: Damage
  readonly durability: Durability
  readonly folds: Folds
  readonly succession: Succession
  readonly sweeps: Sweeps
  readonly warmUp: WarmUp
  /** Names of the directories that sessions may be in. */
  readonly shards: readonly string[]
}

/** The directory that a store is over, and what a start has left for later. */
export interface Opened {
  readonly ready: ReadyDirectory
  /** Writes its manifest anew. */
  readonly restoreManifest: () => void
}

/** Puts a store together, from the ground up: each part knows those that were made before it. */
export function partsOf(opened: Opened, options: CheckedFileStoreOptions, system: RunningSystem): Parts {
  const { files, clock, holders, chance, foldBytes = FOLD_BYTES, shards = SHARDS } = system
  const { busyTimeout } = options
  const name = chance.bytes(9).toString('base64url')
  let lines = 0
  const surroundings: Surroundings = {
    files,
    clock,
    chance,
    holders: holders(name),
    report: guardedReport(options.onEvent),
    nextLineId: () => `${name}.${(lines++).toString(36)}`,
  }
  const root = new Root(files, opened.ready, () => {
    opened.restoreManifest()
    surroundings.report({ type: 'manifest-restored', directory: root.path })
  })
  const names = new JournalNames(files, root, {
    makeRoom: () => journals.dropAll(),
    shardGone: (shard) => durability.forgetNameOf(shard),
  })
  const journals = new OpenJournals(names, options)
  const damage = new Damage(surroundings)
  const durability = new Durability(files, names, options.durability === 'disk')
  const known = { ...surroundings, root, names, journals, damage, durability, shards }
  const folds = new Folds({ ...known, foldBytes })
  const succession = new Succession({ ...known, folds, busyTimeout })
  const sweeps = new Sweeps({ ...known, succession, root: root.path })
  return { ...known, folds, succession, sweeps, warmUp: new WarmUp(files) }
}
