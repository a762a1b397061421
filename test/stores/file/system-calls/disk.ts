import { basename, dirname } from 'node:path'

interface Write {
  bytes: Buffer
  /** `lost`: a sync of it failed, and the system may have dropped it since, whatever later syncs say. */
  state: 'cached' | 'synced' | 'lost'
  /** The call failed: nobody knows whether its bytes are there. */
  failed?: true
}

export interface File {
  kind: 'file'
  writes: Write[]
  /** Names of files that were removed before it was made: for as long as that is not synced, they may lead to it. */
  mayBeNamed: Meaning[][]
}

/** What a name stands for. */
interface Meaning {
  inode: Inode | undefined
}

export interface Directory {
  kind: 'directory'
  /** What each name has stood for since it was last synced, oldest first: after power loss it is one of these. */
  entries: Map<string, Meaning[]>
}

export type Inode = File | Directory

/** What was there before. Nothing of it counts as synced unless it says so: whoever made it may have died too early. */
export interface Before {
  /** Absolute paths, parents first. */
  directories: string[]
  files: { path: string; bytes: Buffer; synced?: boolean }[]
}

/**
 * `without a journal`: such as ext2, as its check leaves it. What was synced is there; of the rest any mix: a name that is
 * given to another file may lead to neither, a file may have its new size without its new bytes, and the name of a
 * removed one may lead to what was made in its place since. That one has two names then, and is refused.
 */
export type Kind = 'with a journal' | 'without a journal'

/**
 * A disk as POSIX promises it and no better: what was not synced may or may not be there after power loss, each write
 * and each name for itself. It tells what may be left of a file at any moment.
 */
export class Disk {
  /** How often something has changed: what was found out before stays true until then. */
  changes = 0
  readonly #root: Directory = { kind: 'directory', entries: new Map() }
  readonly #kind: Kind
  /** What names of removed files may stand for. */
  readonly #removed = new Set<Meaning[]>()

  constructor({ directories, files }: Before, kind: Kind = 'with a journal') {
    this.#kind = kind
    for (const path of directories) this.make(path, 'directory')
    for (const { path, bytes, synced } of files) {
      const file = this.make(path, 'file')
      this.append(file, bytes)
      if (synced) this.startSync(file)(true)
    }
  }

  /** What a path leads to now. */
  at(path: string): Inode | undefined {
    return namesIn(path).reduce<Inode | undefined>((inode, name) => now(inode, name), this.#root)
  }

  make<Kind extends Inode['kind']>(path: string, kind: Kind): Inode & { kind: Kind }
  make(path: string, kind: Inode['kind']): Inode {
    const inode: Inode =
      kind === 'file' ? { kind, writes: [], mayBeNamed: this.#pending() } : { kind, entries: new Map() }
    this.#name(path, inode)
    return inode
  }

  rename(from: string, to: string): void {
    this.#name(to, this.at(from))
    this.#name(from, undefined)
  }

  unlink(path: string): void {
    this.#name(path, undefined)
  }

  append(inode: Inode, bytes: Buffer, how: 'done' | 'failed' = 'done'): void {
    if (inode.kind === 'directory') throw new Error('Nobody writes to a directory.')
    inode.writes.push({ bytes, state: 'cached', ...(how === 'failed' && { failed: true }) })
    this.changes++
  }

  /** Begins a sync, which covers what was done until now. @returns what ends it */
  startSync(inode: Inode): (succeeded: boolean) => void {
    const end = inode.kind === 'directory' ? syncOfNames(inode) : syncOfBytes(inode)
    return (succeeded) => {
      end(succeeded)
      this.changes++
    }
  }

  /** What a file may hold after power loss; `undefined`: there may be none. */
  contents(path: string): (Buffer | undefined)[] {
    return this.#possible(path).flatMap((inode) =>
      inode?.kind === 'file' ? this.#contentsOf(inode) : [undefined],
    )
  }

  /** Names that may be in a directory after power loss. */
  names(path: string): string[] {
    const directories = this.#possible(path).filter((inode) => inode?.kind === 'directory')
    const entries = directories.flatMap((directory) => [...directory.entries])
    return entries.filter(([, meanings]) => meanings.some(({ inode }) => inode)).map(([name]) => name)
  }

  /** What of a file is not certain yet, in words. */
  doubts(path: string): string {
    const names = pathsTo(path).filter((each) => !this.#isSure(each))
    const inode = this.at(path)
    const writes = inode?.kind === 'file' ? inode.writes.filter(({ state }) => state !== 'synced').length : 0
    const found = [
      names.length > 0 && `names not synced: ${names.map((each) => basename(each)).join(', ')}`,
      writes > 0 && `writes not synced: ${writes}`,
    ]
    return found.filter(Boolean).join('; ') || 'all of it is synced'
  }

  #contentsOf(file: File): (Buffer | undefined)[] {
    const found: (Buffer | undefined)[] = [leastOf(file), mostOf(file)]
    if (file.writes.some(({ failed }) => failed)) found.push(mostOf(withoutFailed(file)))
    if (file.writes.some(({ state }) => state === 'lost')) found.push(beforeLost(file))
    if (this.#kind === 'with a journal') return found
    if (file.mayBeNamed.some(isPending)) found.push(undefined)
    return [...found, sizeOnly(file)]
  }

  /** Names that a file which is made now may be given by chance. */
  #pending(): Meaning[][] {
    return [...this.#removed].filter(isPending)
  }

  #name(path: string, inode: Inode | undefined): void {
    const directory = this.at(dirname(path))
    if (directory?.kind !== 'directory') throw new Error(`There is no directory for ${path}.`)
    // What the first meaning of a name replaces is that there was none.
    const meanings = directory.entries.get(basename(path)) ?? [{ inode: undefined }]
    if (this.#kind === 'without a journal') {
      if (meanings.at(-1)?.inode?.kind === 'file') this.#removed.add(meanings)
      meanings.push({ inode: undefined })
    }
    meanings.push({ inode })
    directory.entries.set(basename(path), meanings)
    this.changes++
  }

  #isSure(path: string): boolean {
    const directory = this.at(dirname(path))
    return directory?.kind === 'directory' && directory.entries.get(basename(path))?.length === 1
  }

  #possible(path: string): (Inode | undefined)[] {
    const step = (inodes: (Inode | undefined)[], name: string) =>
      inodes.flatMap((inode) => after(inode, name))
    return [...new Set(namesIn(path).reduce<(Inode | undefined)[]>(step, [this.#root]))]
  }
}

const namesIn = (path: string): string[] => path.split('/').filter((name) => name !== '')

/** A path and all of its parents, outermost first. */
export function pathsTo(path: string): string[] {
  const names = namesIn(path)
  return names.map((_, n) => `/${names.slice(0, n + 1).join('/')}`)
}

function now(inode: Inode | undefined, name: string): Inode | undefined {
  return inode?.kind === 'directory' ? inode.entries.get(name)?.at(-1)?.inode : undefined
}

function after(inode: Inode | undefined, name: string): (Inode | undefined)[] {
  const meanings = inode?.kind === 'directory' ? inode.entries.get(name) : undefined
  return meanings?.map((meaning) => meaning.inode) ?? [undefined]
}

function syncOfBytes({ writes }: File): (succeeded: boolean) => void {
  const covered = writes.filter(({ state }) => state === 'cached')
  return (succeeded) => {
    for (const write of covered) write.state = succeeded ? 'synced' : 'lost'
  }
}

function syncOfNames(directory: Directory): (succeeded: boolean) => void {
  const last = [...directory.entries.values()].map((meanings) => ({ meanings, synced: meanings.at(-1) }))
  return (succeeded) => {
    if (!succeeded) return
    for (const { meanings, synced } of last) {
      const place = synced ? meanings.indexOf(synced) : -1
      if (place > 0) meanings.splice(0, place)
    }
  }
}

/** With nothing of what was not synced: what of it lies before a synced write reads as zeros. */
function leastOf({ writes }: File): Buffer {
  const end = writes.findLastIndex(({ state }) => state === 'synced') + 1
  return Buffer.concat(
    writes.slice(0, end).map(({ bytes, state }) => (state === 'synced' ? bytes : Buffer.alloc(bytes.length))),
  )
}

const mostOf = ({ writes }: File): Buffer => Buffer.concat(writes.map(({ bytes }) => bytes))

const isPending = (meanings: readonly Meaning[]): boolean => meanings.length > 1

const withoutFailed = (file: File): File => ({ ...file, writes: file.writes.filter(({ failed }) => !failed) })

/** Some systems (ext4) make a file no longer than where a sync of it has failed, whatever later ones say. */
function beforeLost(file: File): Buffer {
  const first = file.writes.findIndex(({ state }) => state === 'lost')
  return mostOf({ ...file, writes: file.writes.slice(0, first) })
}

/** Its size, and of its bytes those that were synced. */
function sizeOnly({ writes }: File): Buffer {
  return Buffer.concat(
    writes.map(({ bytes, state }) => (state === 'synced' ? bytes : Buffer.alloc(bytes.length))),
  )
}
