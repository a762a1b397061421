import { ORPHAN_MS } from './directory.ts'
import type { Clock, FileStatus, Files } from './files.ts'
import { isMissing } from './system-error.ts'

/** Nobody has written to it for so long that whoever was to remove it, or to go on with it, is dead. */
export function isOrphan(clock: Clock, { mtimeMs }: FileStatus): boolean {
  return clock.now() - mtimeMs > ORPHAN_MS
}

/** Removes a file that another process may have removed already. @returns whether it was there */
export function unlinkIfThere(files: Files, file: string): boolean {
  try {
    files.unlink(file)
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}
