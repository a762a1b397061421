import { closeSync, openSync } from 'node:fs'
import type { Files } from '../../../../src/stores/file/files.ts'
import { nodeFiles } from '../../../../src/stores/file/node-files.ts'

/** The real files, counting how often the system had no descriptor left for one. */
export function scarceFiles(counted: () => void): Files {
  const counting =
    (open: (path: string) => number) =>
    (path: string): number => {
      try {
        return open(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EMFILE') counted()
        throw error
      }
    }
  return { ...nodeFiles, open: counting(nodeFiles.open), create: counting(nodeFiles.create) }
}

/** Takes so many descriptors, or all that this process may still have, as an application with a leak does. */
export function takeDescriptors(most = Number.POSITIVE_INFINITY): { giveBack(): void } {
  const taken: number[] = []
  try {
    while (taken.length < most) taken.push(openSync('/dev/null', 'r'))
  } catch {
    // That was the last one.
  }
  return {
    giveBack() {
      for (const fd of taken.splice(0)) closeSync(fd)
    },
  }
}
