import type { MaybePromise } from '../../contract/wait.ts'

/**
 * What the file store asks of the system goes through this port, so that what is tested under simulation is the code
 * that ships; what a start asks beside it goes through `ground.ts`, and whether other processes live is told by
 * `holder.ts`. `node-files.ts` is the implementation over `node:fs`. Every call may throw a system error (an `Error` with
 * a `code` such as `ENOSPC`).
 *
 * What waits for a device is asynchronous, so that it never holds the event loop; everything else is synchronous,
 * because the page cache answers ten to twenty times sooner than the thread pool. `rename` has to be: one that is
 * left to the pool could still be carried out after its thread was found dead.
 */
export interface Files {
  /** `O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK`: a FIFO or a symlink can neither hang nor lead away. */
  open(path: string): number
  /** The same with `O_CREAT | O_EXCL`, mode 0600. */
  create(path: string): number
  close(fd: number): void
  /**
   * Closes a file that has no name any more, when there is time: the system frees its blocks with the last descriptor,
   * and may wait for the device to do so. A promise resolves, and never rejects, when that is done.
   */
  release(fd: number): MaybePromise<void>
  /** Appends; the number of bytes written may be smaller than asked for. */
  append(fd: number, bytes: Uint8Array): number
  /** Cuts an open file to no bytes, which needs no space. */
  truncate(fd: number): void
  /**
   * Reads at a position. Fewer bytes than asked for: the end of the file, or a block behind them that can't be read. A
   * read that begins at the end brings none, one that begins at such a block throws.
   */
  read(fd: number, into: Uint8Array, length: number, position: number): number
  status(fd: number): FileStatus
  /**
   * Reads a regular file for nothing but to have it in the page cache, with the way to it; anything else is left unread.
   * Rejects where it can't be read.
   */
  warm(path: string): Promise<void>
  /** Of a path, without following a symlink. */
  pathStatus(path: string): FileStatus
  rename(from: string, to: string): void
  unlink(path: string): void
  makeDirectory(path: string): void
  /** Names in a directory. */
  list(path: string): Promise<string[]>
  /** Sets the access time of an open file (milliseconds since the epoch), where the store keeps the expiry as a hint. */
  hintExpiry(fd: number, expiresAt: number): void
  /** Sets the time of change of a file: with that of the manifest a sweeper claims the sweep, an old one leaves a file to it. */
  claim(path: string, at: number): void
  /** `fdatasync`. */
  sync(fd: number): Promise<void>
  /** `fsync` of a directory: its entries survive power loss. */
  syncDirectory(path: string): Promise<void>
}

/** What the store looks at in `fs.Stats`. */
export interface FileStatus {
  size: number
  nlink: number
  dev: number
  ino: number
  mode: number
  uid: number
  atimeMs: number
  mtimeMs: number
}

/** Time as the store sees it; beside {@link Files}, so that a simulation decides about it too. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds that only ever rise. */
  monotonic(): number
  /** Resolves after so many milliseconds; 0: after the events that are due. */
  pause(ms: number): Promise<void>
  /** Calls back once, later, unless it is cancelled; keeps no process alive. @returns what cancels it */
  later(ms: number, call: () => void): () => void
}

/** Chance, for names that nobody can guess; in the port so that a schedule of a simulation can be played again. */
export interface Chance {
  bytes(count: number): Buffer
  /** From 0 up to, but not including, 1. */
  fraction(): number
}
