import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Operation } from '../../measure/rounds.ts'
import { spread } from '../../measure/statistics.ts'
import type { Row } from '../../suite.ts'

/** What of a process's time one tick of /proc is, whatever the kernel counts in. */
const TICK_US = 10_000

/** Calls of each: some seconds of them, as a tick is long. */
export interface Effort {
  calls: number
  /** Whose names these are is what is measured. */
  names: readonly string[]
}

/**
 * What a call takes of the server's processors, with all its processes: what a server of its own can be reckoned with,
 * where the client that asks is no part of it. Nothing where the system has no /proc.
 */
export async function serverCpu(
  pid: number,
  operations: readonly Operation[],
  { calls, names }: Effort,
): Promise<Row[]> {
  if (!existsSync('/proc/self/stat')) return []
  const rows: Row[] = []
  for (const name of names) {
    const { run } = operations.find((operation) => operation.name === name)!
    const before = ticks(pid)
    await run(calls)
    const value = spread([((ticks(pid) - before) * TICK_US) / calls])
    rows.push({ group: "The server's CPU for a call", name: `${name}: CPU of the server`, unit: 'us', value })
  }
  return rows
}

/** Of a process and all below it. */
function ticks(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
  const below = new Set([root])
  // A parent has a lower number than its children, but for when numbers begin anew: then once more.
  for (let size = 0; size < below.size; ) {
    size = below.size
    for (const { pid, parent } of processes) if (below.has(parent)) below.add(pid)
  }
  return processes.filter(({ pid }) => below.has(pid)).reduce((sum, { used }) => sum + used, 0)
}

/** `undefined`: it has ended meanwhile. */
function statOf(pid: number): { pid: number; parent: number; used: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // In its own code and in the system; then of its children that have ended, so that no time is lost with them.
    const used = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
    return { pid, parent: Number(fields[1]), used }
  } catch {
    return undefined
  }
}
