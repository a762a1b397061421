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

/** Puts a store together, from the ground up: each part knows those that were made before it. */
export function partsOf(root: string, options: CheckedFileStoreOptions, system: RunningSystem): Parts {
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
  const names = new JournalNames(files, root, () => journals.dropAll())
  const journals = new OpenJournals(names, options)
  const damage = new Damage(surroundings)
  const durability = new Durability(files, names, options.durability === 'disk')
  const known = { ...surroundings, names, journals, damage, durability, shards }
  const folds = new Folds({ ...known, foldBytes })
  const succession = new Succession({ ...known, folds, busyTimeout })
  const sweeps = new Sweeps({ ...known, succession, root })
  return { ...known, folds, succession, sweeps, warmUp: new WarmUp(files) }
}
