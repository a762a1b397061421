import { type Chart, type PanelOf, type RowOf, rows } from '../compose.ts'

type Percentile = 'p99' | 'p99.9'

const files: RowOf = { label: 'untorn', role: 'untorn', name: 'untorn files' }
const pool: RowOf = {
  label: 'untorn, thread pool',
  role: 'untorn',
  name: /^untorn files, cold loads through/,
}
const disk: RowOf = { label: "untorn, 'disk'", role: 'untorn', name: 'untorn files, disk' }
const peers: readonly RowOf[] = [
  { label: 'MemoryStore', role: 'peer', name: 'express-session MemoryStore' },
  { label: 'session-file-store', role: 'peer', name: 'session-file-store' },
]

/** What the disk is like and what is asked of it, as the suite names both, and who was looked at there. */
const situations: readonly { heading: string; situation: string; candidates: readonly RowOf[] }[] = [
  {
    heading: 'Fast disk',
    situation: 'Fast disk, page cache warm; mixed load',
    candidates: [files, pool, ...peers],
  },
  {
    heading: 'Fast disk, page cache dropped',
    situation: 'Fast disk, page cache dropped; mixed load',
    candidates: [files, pool, ...peers],
  },
  {
    heading: 'Slow reads, page cache dropped',
    situation: 'Slow reads, page cache dropped; mixed load',
    candidates: [files, pool, ...peers],
  },
  {
    heading: 'Fast disk, a neighbour syncs',
    situation: 'Fast disk, a neighbour syncs; hot loads and saves',
    candidates: [files, disk, ...peers],
  },
  {
    heading: 'Slow writes, a neighbour syncs',
    situation: 'Slow writes, a neighbour syncs; hot loads and saves',
    candidates: [files, disk, ...peers],
  },
]

function panels(percentile: Percentile): PanelOf[] {
  return situations.map(({ heading, situation, candidates }) => {
    const group = `${situation}: event-loop delay, ${percentile}`
    const unless = new RegExp(`^${situation.split(';', 1)[0]}`)
    return rows(
      heading,
      candidates.map((candidate) => ({ ...candidate, group, unless })),
      { scale: 'log' },
    )
  })
}

function delay(name: string, percentile: Percentile, how: string): Chart {
  const title = `Event-loop delay while a disk is slow, ${how}`
  return { name, suite: 'slow-disk', title, better: 'less', panels: panels(percentile) }
}

export const p99 = delay('slow-disk-p99', 'p99', 'p99')
export const p999 = delay('slow-disk-p999', 'p99.9', 'p99.9')
