import { setTimeout as delay } from 'node:timers/promises'
import { StoreConfigError } from 'untorn'
import { type FileStore, type FileStoreEvent, type FileStoreOptions, fileStore } from 'untorn/file'
import { openFileStore } from '../../../../src/stores/file/file-store.ts'
import type { Files } from '../../../../src/stores/file/files.ts'
import { Random } from '../random.ts'
import type { Notice, SeenEvent, Setup } from '../wire.ts'
import type { Diary } from './diary.ts'
import { interruptedFiles } from './interrupted-files.ts'
import { scarceFiles } from './scarce-files.ts'

/** Less than the package has, so that there are many folds to interrupt. */
const FOLD_BYTES = 4 * 1024

export type Stores = ReadonlyMap<string, FileStore>

/** A store for each place, of the kind that this process is for. */
export async function openStores(
  setup: Setup,
  diary: Diary,
  tell: (notice: Notice) => void,
): Promise<Stores> {
  const random = new Random(setup.seed, 'stores')
  const files = filesFor(setup, diary, tell)
  const stores = new Map<string, FileStore>()
  for (const { name, directory } of setup.places) {
    const options: FileStoreOptions = {
      ...optionsFor(setup, random),
      onEvent: (event) => diary.write({ event: seen(event), place: name }),
    }
    const open = (): FileStore =>
      files
        ? openFileStore(directory, options, { files, foldBytes: FOLD_BYTES })
        : fileStore(directory, options)
    stores.set(name, await retried(open))
  }
  return stores
}

function optionsFor({ kind, durability, busyTimeout }: Setup, random: Random): FileStoreOptions {
  const options: FileStoreOptions = {
    durability,
    busyTimeout: `${busyTimeout}ms`,
    sweepEvery: random.pick([0, '300ms'] as const),
  }
  // Few descriptors or little memory: sessions are read from their first line again and again.
  if (kind === 'plain') options.maxOpen = random.pick([4, 20, 1000, 1000])
  if (random.chance(0.2)) options.maxCacheBytes = 64 * 1024
  if (random.chance(0.3)) options.coldLoads = 'pool'
  return options
}

function filesFor(setup: Setup, diary: Diary, tell: (notice: Notice) => void): Files | undefined {
  if (setup.kind === 'scarce') return scarceFiles(() => diary.write({ shortages: 1 }))
  if (setup.kind === 'plain') return undefined
  return interruptedFiles({
    random: new Random(setup.seed, 'interruptions'),
    announce: (interruption) => tell({ interruption }),
    shortened: () => diary.write({ shortWrites: 1 }),
  })
}

/** A directory on a full disk is refused at start: it is not full for long. */
async function retried(open: () => FileStore): Promise<FileStore> {
  for (;;) {
    try {
      return open()
    } catch (error) {
      if (!(error instanceof StoreConfigError) || error.cause === undefined) throw error
      await delay(20)
    }
  }
}

function seen(event: FileStoreEvent): SeenEvent {
  const entry: SeenEvent = { type: event.type }
  if ('file' in event) entry.file = event.file
  if ('whole' in event) entry.whole = event.whole
  if ('error' in event) entry.error = String(event.error)
  return entry
}
