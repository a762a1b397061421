import { dirname } from 'node:path'
import { Disk, type Inode, type NameChange, setNames } from './disk.ts'
import type { Happened } from './history.ts'
import { History } from './history.ts'
import type { Process, World } from './world.ts'

/** The unit in which what was not synced is written or not. Real pages are larger, as are real lines. */
const PAGE = 64

/** Says which of so many possibilities comes true. */
export type Chosen = (possibilities: number) => number

/**
 * The world after the power failed and came back: no process lives, and of what was not synced any part is missing:
 * any of the changes of names, any pages, any length between what was synced and what was written.
 * @param unsure operations ({@link idOf}) whose answer is no promise
 */
export function powerLoss(world: World, pick: Chosen, unsure: ReadonlySet<string> = new Set()): World {
  const { now } = world
  const processes = world.processes.map((process): Process => {
    const { half: _, ...rest } = process
    return { ...rest, life: 'killed', descriptors: new Map(), answered: new Map() }
  })
  // What a failed sync has forgotten may be missing from the middle of a file: then what was refused for it may stand.
  const inDoubt = [...world.disk.inodes.values()].some(({ forgotten }) => forgotten !== undefined)
  const history = promisedHistory(world.history, now, inDoubt, unsure)
  return { disk: survivingDisk(world.disk, pick), processes, now, history }
}

function survivingDisk(disk: Disk, pick: Chosen): Disk {
  const names = new Map(disk.durableNames)
  for (const change of disk.pendingNames) if (pick(2) === 1) setNames(names, change satisfies NameChange)
  const survived = new Disk(undefined, disk.losesPower)
  for (const [path, ino] of names) {
    if (!isReachable(path, names)) continue
    survived.names.set(path, ino)
    const inode = survived.inodes.get(ino) ?? { ...survivor(disk.inode(ino), pick), links: 0 }
    survived.inodes.set(ino, { ...inode, links: inode.links + 1 })
  }
  survived.settle()
  return survived
}

function isReachable(path: string, names: ReadonlyMap<string, number>): boolean {
  return path === '/' || (names.has(dirname(path)) && isReachable(dirname(path), names))
}

function survivor({ appending: _, forgotten = [], ...inode }: Inode, pick: Chosen): Inode {
  const { bytes, synced } = inode
  const missing = forgotten.filter(() => pick(2) === 1)
  // Or the file was never made longer from there on, whatever later syncs said (ext4).
  if (forgotten.length > 0 && pick(2) === 1) {
    const from = Math.min(...forgotten.map(([start]) => start))
    return { ...inode, bytes: bytes.subarray(0, from), opens: 0, synced: from }
  }
  const end = synced + chosenLength(bytes.length - synced, pick)
  const kept = Buffer.from(bytes.subarray(0, end))
  for (let page = synced; page < end; page += PAGE)
    if (pick(2) === 1) kept.fill(0, page, Math.min(page + PAGE, end))
  for (const [from, to] of missing) kept.fill(0, from, Math.min(to, end))
  return { ...inode, bytes: kept, opens: 0, synced: end }
}

/** Nothing, all, or something between. */
function chosenLength(written: number, pick: Chosen): number {
  if (written <= 0) return 0
  const [nothing, half] = [0, written >> 1]
  return [nothing, written, half][pick(3)]!
}

/**
 * What has to be true still: changes that were acknowledged. What somebody only saw, or was told is gone, rested on
 * what others had not acknowledged yet.
 */
function promisedHistory(
  { all }: History,
  now: number,
  inDoubt: boolean,
  unsure: ReadonlySet<string>,
): History {
  const promised = all
    .map((one) => (unsure.has(idOf(one)) ? withoutAnswer(one) : one))
    .flatMap((one) => promisedOf(one, inDoubt))
    .map((one): Happened => {
      if (one.ended !== undefined) return one
      return {
        ...one,
        ended: Math.max(...all.map(({ begun, ended = 0 }) => Math.max(begun, ended))) + 1,
        endedAt: now,
        cut: true,
      }
    })
  const last = Math.max(0, ...promised.map(({ ended = 0 }) => ended))
  return new History(promised, last, 'end')
}

/** Tells the operations of a world apart. */
export const idOf = ({ pid, index }: Happened): string => `${pid}.${index}`

function withoutAnswer({ outcome: _, ...one }: Happened): Happened {
  return { ...one, cut: true }
}

/** What is left of an operation's promise: itself, itself as one without an answer, or nothing. */
function promisedOf(one: Happened, inDoubt: boolean): Happened[] {
  const { outcome } = one
  const { verb } = one.operation
  if (verb !== 'create' && verb !== 'save' && verb !== 'delete') return []
  if (outcome === undefined || 'error' in outcome || verb !== 'save') return [one]
  if ((outcome.value as { outcome: string }).outcome === 'saved') return [one]
  return inDoubt ? [withoutAnswer(one)] : []
}
