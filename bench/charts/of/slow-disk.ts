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

/** What the disk is like, as the suite names it, and who was looked at there. */
const situations: readonly { heading: string; disk: string; candidates: readonly RowOf[] }[] = [
  { heading: 'Fast disk', disk: 'Fast disk, page cache warm', candidates: [files, pool, ...peers] },
  {
    heading: 'Fast disk, page cache dropped',
    disk: 'Fast disk, page cache dropped',
    candidates: [files, pool, ...peers],
  },
  {
    heading: '100 reads a second, a neighbour reads',
    disk: '100 reads a second, .*, page cache dropped',
    candidates: [files, pool, ...peers],
  },
  {
    heading: 'Fast disk, a neighbour syncs',
    disk: 'Fast disk, a neighbour .*syncs',
    candidates: [files, disk, ...peers],
  },
  {
    heading: '100 writes a second, a neighbour syncs',
    disk: '100 writes a second, .*',
    candidates: [files, disk, ...peers],
  },
]

/** Under the mixed load; the suite has rows of single kinds of calls too. */
function panels(percentile: Percentile): PanelOf[] {
  return situations.map(({ heading, disk, candidates }) => {
    const group = new RegExp(
      `^${disk}: \\d+ hot loads, .*: event-loop delay, ${percentile.replace('.', '\\.')}$`,
    )
    const unless = new RegExp(`^${disk}`)
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
