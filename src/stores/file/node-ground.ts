import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { extWithoutJournal, fileSystemOf, isExt } from './file-systems.ts'
import type { Ground } from './ground.ts'

/** {@link Ground} over `node:fs`. */
export const nodeGround: Ground = {
  realPath: (path) => realpathSync(path),
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

/** What the system tells of itself; not every system, and not to everybody. */
function readIfPossible(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
