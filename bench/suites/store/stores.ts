import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionKey, SessionStore } from 'untorn'
import type { FileStore } from 'untorn/file'
import {
  type PeerStore,
  peerCalls,
  peerFileStore,
  peerMemoryStore,
} from '../../candidates/express-session.ts'
import { cartChanges, newKey, newRecord, tokenChanges } from '../../candidates/sample.ts'
import { fileStore, memoryStore } from '../../candidates/untorn.ts'
import { atOnce, inTurn, type Operation } from '../../measure/rounds.ts'
import { floors } from './floor.ts'
import { load, save } from './operations.ts'

/** The operations that targets name. */
export const names = {
  hotLoad: 'untorn files: load, hot',
  coldLoad: 'untorn files: load, cold',
  save: 'untorn files: save the token',
  memoryGet: 'express-session MemoryStore: get',
  fileSet: 'session-file-store: set',
} as const

/** What is measured of stores, and what has to be closed after it. */
export interface StoresBench {
  operations: Operation[]
  /** Bytes of the line that a save of the token appends. */
  lineBytes: number
  /** How many saves of the token there were for each fold: a save's time holds its part of one. */
  savesPerFold(): number
  close(): Promise<void>
}

export async function stores(directory: string): Promise<StoresBench> {
  const root = join(directory, 'untorn')
  const files = fileStore(root)
  const tokenFiles = fileStore(root)
  const cold = fileStore(root, { maxOpen: 1 })
  const memory = memoryStore()
  const saved = created(tokenFiles)
  return {
    operations: [
      load({ group, name: names.hotLoad, floor: floors.fstat, batch: 800 }, files, [created(files)]),
      load({ group, name: names.coldLoad, floor: floors.read, batch: 120 }, cold, coldSessions(files, 0)),
      load(
        { group, name: 'untorn files: load, cold, after 50 saves', floor: floors.read, batch: 10 },
        cold,
        coldSessions(files, 50),
      ),
      // Of saves as many as share two folds: a median of fewer would have none in it.
      save({ group, name: names.save, floor: floors.append, batch: 970 }, tokenFiles, [saved], tokenChanges),
      save(
        { group, name: 'untorn files: save the cart', floor: floors.append, batch: 320 },
        files,
        [created(files)],
        cartChanges,
      ),
      conditionalSave(files),
      create(files),
      remove(files),
      load({ group, name: 'untorn memory: load', floor: floors.fstat, batch: 2000 }, memory, [
        created(memory),
      ]),
      save(
        { group, name: 'untorn memory: save the token', floor: floors.append, batch: 1500 },
        memory,
        [created(memory)],
        tokenChanges,
      ),
      ...(await peer('express-session MemoryStore', peerMemoryStore(), 200)),
      ...(await peer('session-file-store', peerFileStore(join(directory, 'session-file-store')), 5)),
    ],
    lineBytes: bytesOfSave(files),
    savesPerFold: () => atOnce(tokenFiles.load(saved))!.version / tokenFiles.stats.folds,
    close: async () => void (await Promise.all([files, tokenFiles, cold].map((store) => store.close()))),
  }
}

const group = 'Stores, called directly'

function created(store: SessionStore): SessionKey {
  const key = newKey()
  if (!atOnce(store.create(key, newRecord()))) throw new Error('A new key is taken.')
  return key
}

/** More sessions than a store with `maxOpen: 1` keeps, so that each load has to open and replay a file. */
function coldSessions(files: FileStore, saves: number): SessionKey[] {
  const keys = Array.from({ length: 16 }, () => created(files))
  for (const key of keys) for (let i = 0; i < saves; i++) atOnce(files.save(key, tokenChanges[i % 2]!))
  return keys
}

function conditionalSave(store: FileStore): Operation {
  const key = created(store)
  let ifVersion = 0
  return {
    group,
    name: 'untorn files: conditional save',
    floor: floors.append,
    batch: 970,
    run(count) {
      for (let i = 0; i < count; i++) {
        const result = atOnce(store.save(key, tokenChanges[i % 2]!, { ifVersion }))
        if (result.outcome !== 'saved') throw new Error('A save was lost.')
        ifVersion = result.record.version
      }
    },
  }
}

function create(store: FileStore): Operation {
  const record = newRecord()
  let keys: SessionKey[] = []
  return {
    group,
    name: 'untorn files: create',
    floor: floors.create,
    batch: 30,
    before(count) {
      keys = Array.from({ length: count }, newKey)
    },
    run() {
      for (const key of keys) if (!atOnce(store.create(key, record))) throw new Error('A new key is taken.')
    },
    after: () => keys.forEach((key) => void store.delete(key)),
  }
}

function remove(store: FileStore): Operation {
  let keys: SessionKey[] = []
  return {
    group,
    name: 'untorn files: delete',
    floor: floors.unlink,
    batch: 50,
    before(count) {
      keys = Array.from({ length: count }, () => created(store))
    },
    run() {
      for (const key of keys) if (!atOnce(store.delete(key))) throw new Error('A session is lost.')
    },
  }
}

async function peer(library: string, store: PeerStore, batch: number): Promise<Operation[]> {
  const { get, set } = peerCalls(store)
  await inTurn(1, set)
  return [
    { group, name: `${library}: get`, floor: floors.fstat, batch, run: (count) => inTurn(count, get) },
    { group, name: `${library}: set`, floor: floors.append, batch, run: (count) => inTurn(count, set) },
  ]
}

/** By the file itself: below the store's directory it is named by its key. */
function bytesOfSave(files: FileStore): number {
  const key = created(files)
  const size = (): number => statSync(join(files.directory, key.slice(0, 2), key.slice(2))).size
  const before = size()
  atOnce(files.save(key, tokenChanges[0]!))
  return size() - before
}
