import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { call, isInstalled, isWritable } from './system.ts'

/** A file system of its own on a device whose speed can be limited. */
export interface Volume {
  device: string
  directory: string
  /** At most so many reads, and so many writes, a second; 0: as fast as it is. */
  limit(perSecond: number): void
  /** Unmounts and detaches it. */
  remove(): void
}

const SIZE = 512 * 2 ** 20

/** Why no volume can be made here; `undefined`: it can. */
export function volumeNeeds(): string | undefined {
  if (process.getuid?.() !== 0) return 'root, for a loop device'
  const missing = ['losetup', 'mount', 'umount', 'mkfs.ext4'].filter((name) => !isInstalled(name))
  if (missing.length > 0) return `${missing.join(', ')} (Debian packages util-linux, mount and e2fsprogs)`
  if (limitFiles().length === 0) return 'cgroup v1 with blkio.throttle, which limits the kernel threads too'
  return undefined
}

/** Makes a volume in a directory; a text says what that needs. It goes with this process at the latest. */
export function makeVolume(parent: string): Volume | string {
  const image = join(parent, 'image')
  const directory = join(parent, 'volume')
  writeFileSync(image, '')
  truncateSync(image, SIZE)
  mkdirSync(directory)
  try {
    return mounted(image, directory)
  } catch (error) {
    return `the right to mount a loop device (${String(error).split('\n').slice(0, 2).join(' ')})`
  }
}

function mounted(image: string, directory: string): Volume {
  // Whole at once: what is left for later would be written while something is measured.
  call('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image])
  const device = call('losetup', ['--find', '--show', '--direct-io=on', image]).trim()
  try {
    call('mount', [device, directory])
  } finally {
    // As it is in use it stays until it is unmounted, or goes at once if the mount failed.
    call('losetup', ['--detach', device])
  }
  const number = readFileSync(`/sys/block/${basename(device)}/dev`, 'utf8').trim()
  const limit = (perSecond: number): void => {
    for (const file of limitFiles()) writeFileSync(file, `${number} ${perSecond}`)
  }
  const remove = (): void => {
    process.off('exit', remove)
    for (const signal of SIGNALS) process.off(signal, exit)
    limit(0)
    unmount(directory)
  }
  // Before the directory is removed, with what is mounted in it.
  process.prependOnceListener('exit', remove)
  for (const signal of SIGNALS) process.once(signal, exit)
  return { device, directory, limit, remove }
}

/** Would end the process without its 'exit', and leave the volume mounted. */
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const

function exit(): void {
  process.exit(1)
}

function unmount(directory: string): void {
  try {
    call('umount', [directory])
  } catch {
    // In use by a process that was killed and is not quite gone: with it, then.
    call('umount', ['--lazy', directory])
  }
}

/** The limits of the topmost group, in which the kernel's own threads are: they write the journal. */
function limitFiles(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  const group = mounts
    .map((line) => line.split(' '))
    .find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('blkio'))
  const own = /^\d+:(?:[^:]*,)?blkio(?:,[^:]*)?:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))
  if (!group || !own) return []
  const groups = [...new Set([group[1]!, join(group[1]!, own[1]!)])].map((path) => path.replace(/\/$/, ''))
  const files = groups.flatMap((path) =>
    ['read', 'write'].map((way) => `${path}/blkio.throttle.${way}_iops_device`),
  )
  return files.every(isWritable) ? files : []
}
