import { type CandidateName, names } from './candidates.ts'
import type { Rates } from './load.ts'

/** What a disk is like. */
export interface Disk {
  title: string
  /** What was thrown out of the page cache. Hot sessions are open all the same, and known to the process. */
  dropped?: 'all but hot' | 'all'
  /** Reads, and writes, a second at most. */
  limit?: number
  neighbour?: 'reads' | 'syncs'
}

export interface Load {
  title: string
  rates: Rates
}

/** One thing to be measured: a candidate, on a disk, under a load. */
export interface Part {
  disk: Disk
  load: Load
  candidate: CandidateName
}

/** What a small volume of a cloud carries out in a second, reads and writes each. */
export const LIMIT = 500

const warm: Disk = { title: 'Fast disk, page cache warm' }
const dropped: Disk = { title: 'Fast disk, page cache dropped', dropped: 'all but hot' }
const slowReads: Disk = {
  title: 'Slow reads, page cache dropped',
  dropped: 'all but hot',
  limit: LIMIT,
  neighbour: 'reads',
}
const evicted: Disk = { ...slowReads, title: 'Slow reads, hot sessions dropped too', dropped: 'all' }
const commits: Disk = { title: 'Fast disk, a neighbour syncs', neighbour: 'syncs' }
const slowCommits: Disk = { title: 'Slow writes, a neighbour syncs', limit: LIMIT, neighbour: 'syncs' }

const mixed: Load = { title: 'mixed load', rates: { hot: 476, save: 20, cold: 4 } }
const saves: Load = { title: 'hot loads and saves', rates: { hot: 480, save: 20 } }
const hotAlone: Load = { title: 'hot loads alone', rates: { hot: 500 } }
const coldAlone: Load = { title: 'cold loads alone', rates: { cold: 4 } }
const savesAlone: Load = { title: 'saves alone', rates: { save: 4 } }
const creationsAlone: Load = { title: 'creations alone', rates: { create: 4 } }

const loading: CandidateName[] = [names.atOnce, names.pool, names.fileStore, names.memory]
const saving: CandidateName[] = [names.atOnce, names.disk, names.fileStore, names.memory]

const onSlowDisks: readonly Part[] = [...each(slowReads, mixed, loading), ...each(slowCommits, saves, saving)]
const onFastDisks: readonly Part[] = [
  ...[warm, dropped].flatMap((disk) => each(disk, mixed, loading)),
  ...each(commits, saves, saving),
]

/** Which of untorn's calls it is that waits. */
const calls: readonly Part[] = [
  ...each(slowReads, hotAlone, [names.atOnce]),
  ...each(slowReads, coldAlone, [names.atOnce, names.pool]),
  ...each(slowReads, creationsAlone, [names.atOnce]),
  ...each(evicted, savesAlone, [names.atOnce]),
]

export const quickPlan: readonly Part[] = [...each(warm, mixed, loading), ...onSlowDisks]
export const fullPlan: readonly Part[] = [...onFastDisks, ...onSlowDisks, ...calls]

/** What the titles mean. */
export const planNotes: readonly string[] = [
  `Slow reads: the volume carries out ${LIMIT} reads a second, and a neighbour uses them up. Slow writes: ${LIMIT} ` +
    'writes a second. A neighbour syncs: it lets a file grow by 64 KiB and syncs it, again and again.',
  'Mixed load: 476 hot loads, 20 saves and 4 cold loads a second, each when it is due, whether or not others wait. ' +
    'Hot loads and saves: 480 and 20. Hot loads alone: 500; the others alone: 4 a second. There are 64 hot sessions; ' +
    'page cache dropped means all but theirs.',
  'About a millisecond of each time is the timer that starts the operations.',
]

function each(disk: Disk, load: Load, candidates: CandidateName[]): Part[] {
  return candidates.map((candidate) => ({ disk, load, candidate }))
}
