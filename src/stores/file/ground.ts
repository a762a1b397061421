import type { FileSystem } from './file-systems.ts'
import type { FileStatus } from './files.ts'

/** A directory that another one is in, or a symlink on the way to it. */
export interface Ancestor extends Pick<FileStatus, 'uid' | 'mode'> {
  readonly path: string
}

/**
 * What a start asks of the system beside {@link Files}: whether there is ground to stand on. A port of its own, as nobody
 * asks any of it again later; all of it at once, as `fileStore()` answers at once. Every call may throw a system error.
 */
export interface Ground {
  /** The path with every symlink on it followed. */
  realPath(path: string): string
  /**
   * What a file holds, or as much of it as a manifest may have, without following a symlink. undefined: it is no regular
   * file. One that can't be written is good enough.
   */
  readNow(path: string): string | undefined
  /** Names in a directory. */
  listNow(path: string): string[]
  /** `fsync` of an open file. */
  syncNow(fd: number): void
  /** `fsync` of a directory: its entries survive power loss. */
  syncDirectoryNow(path: string): void
  /**
   * What leads to a directory, from the root of the file system down to its parent, symlinks and what these lead through
   * included; without what can't be looked at.
   */
  ancestors(path: string): Ancestor[]
  /** What is known against the file system that a directory is on; undefined: nothing. */
  fileSystem(path: string): FileSystem | undefined
}
