import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** Where figures come from: without it they mean nothing. */
export interface Machine {
  /** When the measuring began, ISO 8601. */
  date: string
  cpu: string
  cores: number
  /** GiB. */
  memory: number
  kernel: string
  node: string
  untorn: string
  fileSystem: string
}

export function machine(directory: string): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.version,
    untorn: versionOf(new URL('../../package.json', import.meta.url)),
    fileSystem: fileSystemOf(directory),
  }
}

/** The version of an installed package. */
export function packageVersion(name: string): string {
  return versionOf(new URL(`../node_modules/${name}/package.json`, import.meta.url))
}

/** The version that a package.json says. */
export function versionOf(manifest: URL): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

/** By its name, from the table of mounts: statfs(2) has one number for ext2, ext3 and ext4. */
function fileSystemOf(directory: string): string {
  try {
    return mountOf(directory, readFileSync('/proc/self/mounts', 'utf8'))
  } catch {
    return `type 0x${statfsSync(directory).type.toString(16)}` // not Linux
  }
}

/** The type of the mount with the longest path that the directory is below; a later one hides an earlier one. */
function mountOf(directory: string, mounts: string): string {
  let longest = ''
  let found = 'unknown'
  for (const mount of mounts.split('\n')) {
    const [, path = '', name = ''] = mount.split(' ')
    const isBelow = directory === path || directory.startsWith(path.endsWith('/') ? path : `${path}/`)
    if (!isBelow || path === '' || path.length < longest.length) continue
    longest = path
    found = name
  }
  return found
}
