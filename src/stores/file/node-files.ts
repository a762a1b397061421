import { randomBytes } from 'node:crypto'
import {
  close,
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  open as openPath,
  openSync,
  read as readPath,
  readSync,
  renameSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { MaybePromise } from '../../contract/wait.ts'
import { later } from '../sweep-timer.ts'
import type { Chance, Clock, Files } from './files.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants
const LOOK = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
const OPEN = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK
const CREATE = O_RDWR | O_APPEND | O_NOFOLLOW | O_CREAT | O_EXCL

const datasync = promisify(fdatasync)
const openLater = promisify(openPath)
const readLater = promisify(readPath)
const closeLater = promisify(close)
const fullsync = promisify(fsync)

/** {@link Files} over `node:fs`. */
export const nodeFiles: Files = {
  open: (path) => openSync(path, OPEN),
  create: (path) => openSync(path, CREATE, 0o600),
  close: (fd) => closeSync(fd),
  release,
  append: (fd, bytes) => writeSync(fd, bytes, 0, bytes.length, null),
  truncate: (fd) => ftruncateSync(fd, 0),
  read: (fd, into, length, position) => readSync(fd, into, 0, length, position),
  warm,
  status: (fd) => fstatSync(fd),
  pathStatus: (path) => lstatSync(path),
  rename: (from, to) => renameSync(from, to),
  unlink: (path) => unlinkSync(path),
  makeDirectory: (path) => void mkdirSync(path, { mode: 0o700 }),
  list: (path) => readdir(path),
  hintExpiry: (fd, expiresAt) => futimesSync(fd, expiresAt / 1000, Date.now() / 1000),
  claim: (path, at) => utimesSync(path, at / 1000, at / 1000),
  // On macOS fdatasync leaves the data in the drive's cache; libuv's fsync asks the drive too (F_FULLFSYNC).
  sync: process.platform === 'darwin' ? fullsync : datasync,
  async syncDirectory(path) {
    const directory = await open(path, constants.O_RDONLY)
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  },
}

/** What is read into it nobody looks at, so that all may use it side by side. */
const DISCARDED = Buffer.allocUnsafe(64 * 1024)

async function warm(path: string): Promise<void> {
  const fd = await openLater(path, LOOK)
  try {
    if (!fstatSync(fd).isFile()) return // a device may never end: whoever opens it refuses it
    let position = 0
    for (;;) {
      const { bytesRead } = await readLater(fd, DISCARDED, 0, DISCARDED.length, position)
      if (bytesRead < DISCARDED.length) return
      position += bytesRead
    }
  } finally {
    await closeLater(fd)
  }
}

/** Closes that wait for the thread pool; with more of them the descriptors would run out before they are carried out. */
const MOST_RELEASES = 16
let releases = 0

function release(fd: number): MaybePromise<void> {
  if (releases >= MOST_RELEASES) return closeSync(fd)
  releases++
  return new Promise((resolve) => {
    // An error here is no one's: what can't be freed has no name any more.
    close(fd, () => {
      releases--
      resolve()
    })
  })
}

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  pause: (ms) => (ms > 0 ? wait(ms) : nextTurn()),
  later,
}

export const nodeChance: Chance = { bytes: (count) => randomBytes(count), fraction: () => Math.random() }
