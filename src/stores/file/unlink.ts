import type { StoreContext } from './context.ts'
import { isMissing } from './system-error.ts'

/** Removes a file that another process may have removed already. */
export function unlinkIfThere({ files }: Pick<StoreContext, 'files'>, file: string): void {
  try {
    files.unlink(file)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
