import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { extWithoutJournal, fileSystemOf, isExt } from './file-systems.ts'
import type { Ground } from './ground.ts'

/** {@link Ground} over `node:fs`. */
export const nodeGround: Ground = {
  realPath: (path) => realpathSync(path),
  readNow,
  listNow: (path) => readdirSync(path),
  syncNow: (fd) => fsyncSync(fd),
  syncDirectoryNow(path) {
    const fd = openSync(path, constants.O_RDONLY)
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
  fileSystem(path) {
    const { type } = statfsSync(path)
    return isExt(type) ? extWithoutJournal(statSync(path).dev, readIfPossible) : fileSystemOf(type)
  },
}

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** Far more than any manifest has. */
const LONGEST = 4096

function readNow(path: string): string | undefined {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    if (!fstatSync(fd).isFile()) return undefined
    const bytes = Buffer.alloc(LONGEST)
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, LONGEST, 0))
  } finally {
    closeSync(fd)
  }
}

/** What the system tells of itself; not every system, and not to everybody. */
function readIfPossible(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
