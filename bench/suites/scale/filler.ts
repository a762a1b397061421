import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FileStore } from 'untorn/file'
import { newRecord } from '../../candidates/sample.ts'
import { fileStore } from '../../candidates/untorn.ts'
import { answerWith } from '../../measure/children.ts'
import { isExpired, keyOf } from './population.ts'

export type FillOrder =
  /** From one number up to another. */
  { fill: { directory: string; from: number; to: number } } | { count: { directory: string } }

export interface Filled {
  /** The others were there. */
  created: number
  /** For each that was created or found. */
  microseconds: number
  /** Bytes of memory that this process has come to need above its start. */
  memory: number
}

/** What a directory takes. */
export interface Footprint {
  files: number
  directories: number
  /** Bytes that the file system has allocated to both. */
  allocated: number
  /** Bytes that were written to files. */
  written: number
}

const YEAR_MS = 365 * 24 * 3600_000
const SOON_MS = 20

const atStart = process.memoryUsage.rss()
let store: FileStore | undefined

answerWith<FillOrder, Filled | Footprint>((order, tell) =>
  'fill' in order ? fill(order.fill) : footprint(order.count.directory, tell),
)

async function fill({
  directory,
  from,
  to,
}: {
  directory: string
  from: number
  to: number
}): Promise<Filled> {
  if (store?.directory !== directory) {
    await store?.close()
    store = fileStore(directory, { sweepEvery: 0 })
  }
  const indexes = Array.from({ length: to - from }, (_, i) => from + i)
  const keys = indexes.map(keyOf)
  const sample = newRecord()
  let created = 0
  const started = performance.now()
  for (const [i, key] of keys.entries()) {
    const expiresAt = Date.now() + (isExpired(indexes[i]!) ? SOON_MS : YEAR_MS)
    if (await store.create(key, { ...sample, expiresAt })) created++
  }
  const took = performance.now() - started
  return {
    created,
    microseconds: (took * 1000) / keys.length,
    memory: process.memoryUsage.rss() - atStart,
  }
}

function footprint(directory: string, tell: (part: number) => void): Footprint {
  const found: Footprint = { files: 0, directories: 0, allocated: 0, written: 0 }
  const add = (path: string): boolean => {
    const status = lstatSync(path)
    const isDirectory = status.isDirectory()
    found[isDirectory ? 'directories' : 'files']++
    found.allocated += status.blocks * 512 // by definition, whatever the block size of the file system
    if (!isDirectory) found.written += status.size
    return isDirectory
  }
  add(directory)
  const names = readdirSync(directory)
  for (const [i, name] of names.entries()) {
    const path = join(directory, name)
    if (add(path)) for (const file of readdirSync(path)) add(join(path, file))
    tell((i + 1) / names.length)
  }
  return found
}
