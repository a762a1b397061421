import { fdatasync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SessionKey } from 'untorn'
import type { FileStore } from 'untorn/file'
import { newKey, recordOfBytes, tokenChanges } from '../../candidates/sample.ts'
import { fileStore } from '../../candidates/untorn.ts'
import { atOnce, type Operation } from '../../measure/rounds.ts'
import { append, read } from './floor.ts'
import { load, save } from './operations.ts'

/** Bytes of a session's values as JSON. */
const SIZES = [
  { bytes: 100, label: '100 bytes' },
  { bytes: 400, label: '400 bytes' },
  { bytes: 4096, label: '4 KiB' },
  { bytes: 65_536, label: '64 KiB' },
] as const

/** Saves that wait for the device at the same time, each of a session of its own. */
export const AT_ONCE = 64

export const diskNames = {
  floor: 'append + fdatasync',
  floorAtOnce: `append + fdatasync, ${AT_ONCE} files at once`,
  save: 'untorn files, disk: save, 400 bytes',
  saveAtOnce: `untorn files, disk: save, 400 bytes, ${AT_ONCE} sessions at once`,
} as const

/** Sessions of all sizes, both durabilities, one at a time and many at once. */
export function sizes(
  directory: string,
  lineBytes: number,
): { operations: Operation[]; close(): Promise<void> } {
  mkdirSync(directory)
  const stores: FileStore[] = []
  const opened = (name: string, options?: { maxOpen?: number; durability?: 'disk' }): FileStore => {
    const store = fileStore(join(directory, name), { sweepEvery: 0, ...options })
    stores.push(store)
    return store
  }
  const files = opened('process')
  const cold = opened('process', { maxOpen: 1 })
  const disk = opened('disk', { durability: 'disk' })
  return {
    operations: [
      ...SIZES.flatMap((size) => ofSize(directory, files, cold, size)),
      ...syncedFloor(directory, Buffer.alloc(lineBytes, 'x')),
      ...SIZES.flatMap((size) => syncedSaves(disk, size)),
    ],
    close: async () => void (await Promise.all(stores.map((store) => store.close()))),
  }
}

type Size = (typeof SIZES)[number]

/** About as long as the line that a save of a token appends. */
const LINE = Buffer.alloc(150, 'x')

function ofSize(
  directory: string,
  files: FileStore,
  coldFiles: FileStore,
  { bytes, label }: Size,
): Operation[] {
  const group = `Sessions of ${label}`
  const readFloor = `${label}: open + read + close + parse`
  const appendFloor = `${label}: open + append + close`
  const keys = Array.from({ length: 16 }, () => created(files, bytes))
  const many = Array.from({ length: AT_ONCE }, () => created(files, bytes))
  const one = created(files, bytes)
  const batch = Math.max(2, Math.round(100_000 / (bytes + 800)))
  const { values } = recordOfBytes(bytes)
  const text = JSON.stringify(Object.fromEntries([...values].map(([key, value]) => [key, JSON.parse(value)])))
  const cold = { group, name: `${label}: load, cold`, floor: readFloor, batch }
  const hot = (name: string) => ({ group, name: `${label}: ${name}`, floor: appendFloor, batch: 400 })
  const saving = (name: string) => ({ ...hot(name), batch: 970 })
  return [
    read(
      { group, name: readFloor, floor: readFloor, batch },
      join(directory, `read-${bytes}`),
      Buffer.from(text),
    ),
    append({ group, name: appendFloor, floor: appendFloor }, join(directory, `append-${bytes}`), LINE),
    load(hot('load, hot'), files, [one]),
    load(hot(`load, hot, ${AT_ONCE} sessions in turn`), files, many),
    load(cold, coldFiles, keys),
    save(saving('save a token'), files, [one], tokenChanges),
    save(saving(`save a token, ${AT_ONCE} sessions in turn`), files, many, tokenChanges),
  ]
}

function created(store: FileStore, bytes: number): SessionKey {
  const key = newKey()
  if (!atOnce(store.create(key, recordOfBytes(bytes)))) throw new Error('A new key is taken.')
  return key
}

const SYNCED = 'Synced to the disk'

function syncedFloor(directory: string, line: Buffer): Operation[] {
  const sync = promisify(fdatasync)
  const fds = Array.from({ length: AT_ONCE }, (_, i) => openSync(join(directory, `synced-${i}`), 'a'))
  const append = (fd: number): Promise<void> => {
    writeSync(fd, line, 0, line.length, null)
    return sync(fd)
  }
  return [
    {
      group: SYNCED,
      name: diskNames.floor,
      floor: diskNames.floor,
      batch: 8,
      async run(count) {
        for (let i = 0; i < count; i++) await append(fds[0]!)
      },
    },
    {
      group: SYNCED,
      name: diskNames.floorAtOnce,
      floor: diskNames.floor,
      batch: AT_ONCE,
      run: () => Promise.all(fds.map(append)),
    },
  ]
}

function syncedSaves(disk: FileStore, { bytes, label }: Size): Operation[] {
  const keys: SessionKey[] = []
  let turn = 0
  const saved = async (key: SessionKey): Promise<void> => {
    const { outcome } = await disk.save(key, tokenChanges[turn++ % 2]!)
    if (outcome !== 'saved') throw new Error('A save was lost.')
  }
  const fill = async (): Promise<void> => {
    while (keys.length < AT_ONCE) {
      const key = newKey()
      await disk.create(key, recordOfBytes(bytes))
      keys.push(key)
    }
  }
  return [
    {
      group: SYNCED,
      name: `untorn files, disk: save, ${label}`,
      floor: diskNames.floor,
      batch: 8,
      before: fill,
      async run(count) {
        for (let i = 0; i < count; i++) await saved(keys[0]!)
      },
    },
    {
      group: SYNCED,
      name: `untorn files, disk: save, ${label}, ${AT_ONCE} sessions at once`,
      floor: diskNames.floor,
      batch: AT_ONCE,
      before: fill,
      run: () => Promise.all(keys.map(saved)),
    },
  ]
}
