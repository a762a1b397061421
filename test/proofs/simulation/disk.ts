import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import type { FileStatus } from '../../../src/stores/file/files.ts'
import { systemError } from './call.ts'

/** A file or a directory. Never changed, only replaced, so that copies of a disk can share it. */
export interface Inode {
  readonly ino: number
  readonly directory: boolean
  readonly bytes: Buffer
  readonly links: number
  readonly opens: number
  readonly atimeMs: number
  readonly mtimeMs: number
  /** So many of the bytes survive power loss. */
  readonly synced: number
  /** An append by this process is half done: nobody else can append until it is over. */
  readonly appending?: number
  /** Bytes that a sync failed to write: the system forgets that they were to be written, and they may be missing. */
  readonly forgotten?: readonly Range[]
  /** A block that can't be read: a read that comes to it ends there, and one that begins in it fails. */
  readonly bad?: Range
}

export type Range = readonly [from: number, to: number]

/** What one call did to names in a directory. Survives power loss as a whole or not at all. */
export interface NameChange {
  readonly directory: string
  readonly names: readonly (readonly [path: string, ino: number | undefined])[]
}

const FILE = 0o100600
const DIRECTORY = 0o040700
const UID = process.geteuid?.() ?? 0

/**
 * A POSIX file system as far as the port's calls go: inodes that outlive their names, O_APPEND and O_EXCL, and what
 * has been synced and what has not. It knows no processes: their descriptors are the world's.
 */
export class Disk {
  readonly inodes: Map<number, Inode>
  readonly names: Map<string, number>
  /** Names as power loss would leave them at the least, with any of the changes since. */
  readonly durableNames: Map<string, number>
  pendingNames: readonly NameChange[]
  /** Bytes that still fit; appends beyond are cut short. */
  free = Number.POSITIVE_INFINITY
  /** Whether it remembers what has been synced: where the power never fails, fewer disks differ. */
  readonly losesPower: boolean
  #digest: string | undefined

  constructor(from?: Disk, losesPower = from?.losesPower ?? false) {
    this.losesPower = losesPower
    this.inodes = new Map(from?.inodes)
    this.names = new Map(from?.names)
    this.durableNames = new Map(from?.durableNames)
    this.pendingNames = from?.pendingNames ?? []
    if (from) this.free = from.free
  }

  open(path: string): Inode {
    const inode = this.#at(path)
    if (inode.directory) throw systemError('EISDIR')
    return this.#put({ ...inode, opens: inode.opens + 1 })
  }

  create(path: string, ino: number, now: number): Inode {
    if (this.names.has(path)) throw systemError('EEXIST')
    this.#at(dirname(path))
    const inode = this.#made(ino, false, now)
    this.#name(path, [[path, ino]])
    return this.#put({ ...inode, opens: 1 })
  }

  makeDirectory(path: string, ino: number, now: number): void {
    if (this.names.has(path)) throw systemError('EEXIST')
    if (path !== '/') this.#at(dirname(path))
    this.#put(this.#made(ino, true, now))
    this.#name(path, [[path, ino]])
  }

  removeDirectory(path: string): void {
    const { ino } = this.#at(path)
    if (this.list(path).length > 0) throw systemError('ENOTEMPTY')
    this.#name(path, [[path, undefined]])
    this.#unlinked(ino)
  }

  close(ino: number): void {
    const inode = this.inode(ino)
    this.#put({ ...inode, opens: inode.opens - 1 })
  }

  append(ino: number, bytes: Uint8Array, now: number): number {
    const inode = this.inode(ino)
    const length = Math.min(bytes.length, this.free)
    if (length === 0 && bytes.length > 0) throw systemError('ENOSPC')
    this.free -= length
    this.#put({ ...inode, bytes: Buffer.concat([inode.bytes, bytes.subarray(0, length)]), mtimeMs: now })
    return length
  }

  /** What was in it is gone at once, power loss or not: whoever cuts promises nothing until the name is gone too. */
  truncate(ino: number, now: number): void {
    const { forgotten: _, ...inode } = this.inode(ino)
    this.free += inode.bytes.length
    this.#put({ ...inode, bytes: Buffer.alloc(0), synced: 0, mtimeMs: now })
  }

  /** Lets others append, or keeps them from it, while an append is half done. */
  lock(ino: number, process: number | undefined): void {
    const { appending: _, ...inode } = this.inode(ino)
    this.#put(process === undefined ? inode : { ...inode, appending: process })
  }

  read(ino: number, length: number, position: number): Buffer {
    const { bytes, bad } = this.inode(ino)
    if (bad && position >= bad[0] && position < bad[1]) throw systemError('EIO')
    const end = position + length
    return bytes.subarray(position, bad && position < bad[0] ? Math.min(end, bad[0]) : end)
  }

  /** A block of a file goes bad. */
  spoil(path: string, bad: Range): void {
    this.#put({ ...this.#at(path), bad })
  }

  get isSpoilt(): boolean {
    return [...this.inodes.values()].some(({ bad }) => bad !== undefined)
  }

  /** Every block can be read again. */
  heal(): void {
    for (const { bad, ...inode } of this.inodes.values()) if (bad) this.#put(inode)
  }

  status(ino: number): FileStatus {
    const { bytes, links, atimeMs, mtimeMs, directory } = this.inode(ino)
    return {
      size: bytes.length,
      nlink: links,
      dev: 1,
      ino,
      mode: directory ? DIRECTORY : FILE,
      uid: UID,
      atimeMs,
      mtimeMs,
    }
  }

  pathStatus(path: string): FileStatus {
    return this.status(this.#at(path).ino)
  }

  /** Of a file that is not open. */
  text(path: string): string | undefined {
    const { directory, bytes } = this.#at(path)
    return directory ? undefined : bytes.toString()
  }

  /** There are no symlinks on it. */
  realPath(path: string): string {
    this.#at(path)
    return path
  }

  rename(from: string, to: string): void {
    const inode = this.#at(from)
    const replaced = this.names.get(to)
    if (replaced === inode.ino) return
    if (replaced !== undefined && this.inode(replaced).directory) throw systemError('EISDIR')
    this.#name(to, [
      [to, inode.ino],
      [from, undefined],
    ])
    if (replaced !== undefined) this.#unlinked(replaced)
  }

  unlink(path: string): void {
    const { ino, directory } = this.#at(path)
    if (directory) throw systemError('EISDIR')
    this.#name(path, [[path, undefined]])
    this.#unlinked(ino)
  }

  list(path: string): string[] {
    if (!this.#at(path).directory) throw systemError('ENOTDIR')
    const below = `${path}/`
    const names = [...this.names.keys()].filter((name) => name.startsWith(below))
    return names
      .map((name) => name.slice(below.length))
      .filter((name) => !name.includes('/'))
      .sort()
  }

  setTimes(ino: number, atimeMs: number, mtimeMs: number): void {
    this.#put({ ...this.inode(ino), atimeMs, mtimeMs })
  }

  setPathTimes(path: string, at: number): void {
    this.setTimes(this.#at(path).ino, at, at)
  }

  sync(ino: number): void {
    const inode = this.inode(ino)
    if (this.losesPower) this.#put({ ...inode, synced: inode.bytes.length })
  }

  /** Says an error once; from then on the system takes what it could not write for written. */
  failSync(ino: number): void {
    const inode = this.inode(ino)
    const { synced, bytes, forgotten = [] } = inode
    if (this.losesPower)
      this.#put({ ...inode, synced: bytes.length, forgotten: [...forgotten, [synced, bytes.length]] })
  }

  syncDirectory(path: string): void {
    this.#at(path)
    this.#digest = undefined
    for (const change of this.pendingNames) {
      if (change.directory === path) setNames(this.durableNames, change)
    }
    this.pendingNames = this.pendingNames.filter(({ directory }) => directory !== path)
  }

  inode(ino: number): Inode {
    const inode = this.inodes.get(ino)
    if (!inode) throw new Error(`The simulation lost inode ${ino}.`)
    return inode
  }

  /** Everything as of now survives power loss. */
  settle(): void {
    this.#digest = undefined
    this.pendingNames = []
    this.durableNames.clear()
    for (const [path, ino] of this.names) this.durableNames.set(path, ino)
    for (const ino of this.inodes.keys()) this.sync(ino)
  }

  /** The same text for disks on which everything is the same. */
  digest(): string {
    this.#digest ??= this.#described()
    return this.#digest
  }

  #described(): string {
    const names = [...this.names].sort(([a], [b]) => (a < b ? -1 : 1))
    const files = [...this.inodes.values()].sort((a, b) => a.ino - b.ino)
    const parts = files.map(
      ({ ino, bytes, links, opens, atimeMs, mtimeMs, synced, appending, forgotten = [], bad }) =>
        `${ino}:${digestOf(bytes)}:${links}:${opens}:${atimeMs}:${mtimeMs}:${synced}:${appending ?? ''}:` +
        `${forgotten.join()}:${bad ?? ''}`,
    )
    const pending = this.pendingNames.map(({ names }) => names.join())
    return `${names.join()}|${parts.join()}|${pending.join(';')}`
  }

  #at(path: string): Inode {
    const ino = this.names.get(path)
    if (ino === undefined) throw systemError('ENOENT')
    return this.inode(ino)
  }

  #made(ino: number, directory: boolean, now: number): Inode {
    const bytes = Buffer.alloc(0)
    return { ino, directory, bytes, links: 1, opens: 0, atimeMs: now, mtimeMs: now, synced: 0 }
  }

  #name(path: string, names: NameChange['names']): void {
    const change: NameChange = { directory: dirname(path), names }
    this.#digest = undefined
    setNames(this.names, change)
    if (this.losesPower) this.pendingNames = [...this.pendingNames, change]
  }

  #unlinked(ino: number): void {
    const inode = this.inode(ino)
    this.#put({ ...inode, links: inode.links - 1 })
  }

  #put(inode: Inode): Inode {
    this.#digest = undefined
    // A file that nothing leads to any more stays where power loss may bring its name back.
    if (inode.links > 0 || inode.opens > 0 || this.losesPower) this.inodes.set(inode.ino, inode)
    else this.inodes.delete(inode.ino)
    return inode
  }
}

export function setNames(names: Map<string, number>, { names: changed }: NameChange): void {
  for (const [path, ino] of changed) {
    if (ino === undefined) names.delete(path)
    else names.set(path, ino)
  }
}

const digests = new WeakMap<Buffer, string>()

function digestOf(bytes: Buffer): string {
  let digest = digests.get(bytes)
  if (digest === undefined) {
    digest = createHash('sha1').update(bytes).digest('base64')
    digests.set(bytes, digest)
  }
  return digest
}
