import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { isAbsolute, join, parse, sep } from 'node:path'
import { extWithoutJournal, fileSystemOf, isExt } from './file-systems.ts'
import type { Ancestor, Ground } from './ground.ts'

/** {@link Ground} over `node:fs`. */
export const nodeGround: Ground = {
  realPath: (path) => realpathSync(path),
  readNow: (path) => readNow(path),
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
  ancestors: (path) => waysTo(path).flatMap(lookedAt),
  fileSystem(path) {
    const { type } = statfsSync(path)
    return isExt(type) ? extWithoutJournal(statSync(path).dev, readIfPossible) : fileSystemOf(type)
  },
}

/** Each directory and each symlink on the way to a path, the first one first: whoever may replace one of them leads elsewhere. */
function waysTo(path: string): string[] {
  const { root } = parse(path)
  const ways = new Set<string>()
  const rest = namesIn(path.slice(root.length))
  let at = root
  for (let links = 0; rest.length > 0; ) {
    const name = rest.shift()!
    ways.add(at)
    const next = join(at, name) // of '..' behind a link, which has been followed by now, it makes the parent
    const target = linkIn(next)
    if (target === undefined) at = next
    else if (++links > MOST_LINKS) break
    else {
      ways.add(next)
      if (isAbsolute(target)) at = parse(target).root
      rest.unshift(...namesIn(target.slice(parse(target).root.length)))
    }
  }
  return [...ways]
}

const namesIn = (path: string): string[] => path.split(sep).filter((name) => name !== '')

/** As many as Linux follows. */
const MOST_LINKS = 40

/** Where a symlink leads; undefined: it is none, or not to be looked at. */
function linkIn(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function lookedAt(path: string): Ancestor[] {
  try {
    const { uid, mode } = lstatSync(path)
    return [{ path, uid, mode }]
  } catch {
    return [] // not to be looked at by us, and in nobody's way
  }
}

const { O_NOATIME = 0, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** Far more than any manifest has. */
const LONGEST = 4096

/** {@link nodeGround} that leaves no trace where it reads, of files of this user. */
export const quietGround: Ground = { ...nodeGround, readNow: (path) => readNow(path, O_NOATIME) }

function readNow(path: string, more = 0): string | undefined {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | more)
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
