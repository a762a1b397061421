import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { tooLarge } from './content.ts'
import { Unreadable } from './unreadable.ts'

/** What a file holds. */
export interface Held {
  bytes: Buffer
  /** When it was written, milliseconds since the epoch. */
  modified: number
}

/** Whatever somebody has put there: no link is followed, nothing waits for the other end of a pipe. */
const CAREFULLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const ABSENT = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']

/**
 * Reads a file of at most so many bytes. `undefined`: there is none. Throws {@link Unreadable} for a larger one and for what is
 * no file, and errors of the system.
 *
 * @param maxBytes what is said of it then
 */
export function readBounded(path: string, most: number, maxBytes: number): Held | undefined {
  let fd: number
  try {
    fd = openSync(path, CAREFULLY)
  } catch (error) {
    const code = codeOf(error)
    if (ABSENT.includes(code)) return undefined
    // What a symlink is opened with, and a socket.
    if (code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO') throw noFile()
    throw error
  }
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const status = fstatSync(fd)
      if (!status.isFile()) throw noFile()
      if (status.size > most) throw tooLarge(maxBytes)
      const bytes = readAll(fd, status.size)
      if (bytes !== undefined) return { bytes, modified: status.mtimeMs }
    }
    throw new Unreadable('it is written to all the time')
  } finally {
    closeSync(fd)
  }
}

/** How often a file is read that is written to meanwhile. */
const TRIES = 3

/** `undefined`: it has another size by now. */
function readAll(fd: number, size: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(size + 1)
  let length = 0
  while (length < bytes.length) {
    const read = readSync(fd, bytes, length, bytes.length - length, length)
    if (read === 0) break
    length += read
  }
  return length === size ? bytes.subarray(0, length) : undefined
}

function noFile(): Unreadable {
  return new Unreadable('it is a link, or another thing that is no file')
}

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code)
}
