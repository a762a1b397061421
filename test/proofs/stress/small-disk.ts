import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, rmdirSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const SIZE = '16m'

/** Nothing of what a round leaves behind fills this. */
const AMPLE_SIZE = '2g'

const CHUNK = Buffer.alloc(64 * 1024)

/** A file system so small that it can be filled in a moment. */
export interface SmallDisk {
  path: string
  /** Leaves no byte free. */
  fill(): void
  free(): void
  /** From now on it is no small disk: what fails for want of space fails without a reason. */
  grow(): void
  /** As small as it was. */
  shrink(): void
  unmount(): void
}

/** Mounts one at a path that does not exist yet; `undefined` where this user, or this system, may not. */
export function mountSmallDisk(path: string): SmallDisk | undefined {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return undefined
  mkdirSync(path, { recursive: true })
  const options = `size=${SIZE},mode=700`
  const resize = (size: string): void => {
    const { status, stderr } = spawnSync('mount', ['-o', `remount,size=${size}`, path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`The small file system could not be made ${size}: ${stderr}`)
  }
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'untorn-stress', path])
  if (mounted.status !== 0) {
    rmdirSync(path)
    return undefined
  }
  const ballast = join(path, 'ballast')
  return {
    path,
    fill: () => fill(ballast),
    free: () => void (existsSync(ballast) && truncateSync(ballast)),
    grow: () => resize(AMPLE_SIZE),
    shrink: () => resize(SIZE),
    unmount: () => void spawnSync('umount', ['-l', path]),
  }
}

function fill(ballast: string): void {
  const fd = openSync(ballast, 'a')
  try {
    // Smaller and smaller, down to the last byte.
    for (let size = CHUNK.length; size >= 1; size = Math.floor(size / 2)) {
      while (tookAll(fd, size)) {}
    }
  } finally {
    closeSync(fd)
  }
}

function tookAll(fd: number, size: number): boolean {
  try {
    return writeSync(fd, CHUNK, 0, size) === size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}
