import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call, isWritable } from './system.ts'

/** Why the page cache can't be emptied here; `undefined`: it can. */
export function dropNeeds(): string | undefined {
  return process.getuid?.() === 0 && isWritable(DROP) ? undefined : `root and a writable ${DROP}`
}

const DROP = '/proc/sys/vm/drop_caches'

/** Empties the page cache, and the caches of names and inodes; what has to be written below `directory` is first. */
export function dropCaches(directory: string): void {
  call('sync', ['--file-system', directory])
  writeFileSync(DROP, '3')
}

/** Brings all files below a directory into the page cache. */
export function fillCaches(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) readFileSync(join(entry.parentPath, entry.name))
  }
}
