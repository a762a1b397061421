import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child } from '../../measure/children.ts'
import type { SuiteContext } from '../../suite.ts'
import type { Filled, FillOrder, Footprint } from './filler.ts'
import { label } from './population.ts'

export type Filler = Child<FillOrder, Filled | Footprint>

/** So many sessions in a directory of their own. */
export interface Population {
  sessions: number
  directory: string
  /** How many were made, to go on from there; beside the directory. */
  mark: string
}

export function population(root: string, sessions: number): Population {
  mkdirSync(root, { recursive: true })
  return { sessions, directory: join(root, `${sessions}`), mark: join(root, `${sessions}.made`) }
}

/** What creating has cost. */
export interface Creation {
  /** Microseconds for each, by how many there were; only where all were new. */
  points: [sessions: number, microseconds: number][]
  /** Bytes above the start of the process. */
  memory: number
}

/** So many parts are timed, and can be gone on from. */
const PARTS = 50

export async function fill(
  { sessions, directory, mark }: Population,
  filler: Filler,
  progress: SuiteContext['progress'],
): Promise<Creation> {
  const points: Creation['points'] = []
  let memory = 0
  const part = sessions / PARTS
  for (let from = made(mark); from < sessions; from += part) {
    progress(from, sessions, `creating ${label(sessions)}`)
    const filled = (await filler.ask({ fill: { directory, from, to: from + part } })) as Filled
    if (filled.created === part) points.push([from + part, filled.microseconds])
    memory = filled.memory
    writeFileSync(mark, `${from + part}`)
  }
  return { points, memory }
}

/** What a population takes on the disk, once all of it is there. */
export async function count(
  { sessions, directory }: Population,
  filler: Filler,
  progress: SuiteContext['progress'],
): Promise<Footprint> {
  const footprint = await filler.ask({ count: { directory } }, (part) =>
    progress(Math.round(part * 100), 100, `counting the blocks of ${label(sessions)}`),
  )
  return footprint as Footprint
}

function made(mark: string): number {
  return existsSync(mark) ? Number(readFileSync(mark, 'utf8')) : 0
}

/** A sweep takes some away: the next filling has to look at all of them. */
export function forgetMark({ mark }: Population): void {
  writeFileSync(mark, '0')
}

/** One part after the other, for the progress bar and Ctrl-C. */
export async function remove(
  { sessions, directory, mark }: Population,
  progress: SuiteContext['progress'],
): Promise<void> {
  await rm(mark, { force: true })
  const names = await readdir(directory)
  for (const [i, name] of names.entries()) {
    progress(i, names.length, `removing ${label(sessions)}`)
    await rm(join(directory, name), { recursive: true, force: true })
  }
  await rm(directory, { recursive: true, force: true })
}

/** Of a file system with blocks of 4 KiB and an inode of 256 bytes for each file, and room for its own. */
const BYTES_EACH = 4600

/** What is missing for all of it; `undefined`: nothing. */
export function missingRoom(root: string, { sessions, mark }: Population): string | undefined {
  const left = (sessions - made(mark)) * 1.05
  const { bavail, bsize, files, ffree } = statfsSync(root)
  const needed = left * BYTES_EACH
  if (bavail * bsize < needed) return `${(needed / 2 ** 30).toFixed(1)} GiB of free space`
  // A file system that makes inodes as it goes says that it has none.
  if (files > 0 && ffree < left) return `${Math.round(left).toLocaleString('en')} free inodes`
  return undefined
}
