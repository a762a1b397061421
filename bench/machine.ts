import { readFileSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, release, type } from 'node:os'

const require = createRequire(import.meta.url)

/** Where figures come from: without it they mean nothing. */
export interface Machine {
  date: string
  cpu: string
  cores: number
  kernel: string
  node: string
  fileSystem: string
  packages: Record<string, string>
}

export function machine(directory: string): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    fileSystem: fileSystemOf(directory),
    packages: {
      untorn: versionOf('../package.json'),
      'express-session': versionOf('express-session/package.json'),
      'session-file-store': versionOf('session-file-store/package.json'),
    },
  }
}

function versionOf(manifest: string): string {
  return (require(manifest) as { version: string }).version
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
