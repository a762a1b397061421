import type { Fault } from './list.ts'

const BAD_BLOCKS = "every block of a journal that can't be read"

/** What a disk that fails does to a journal: syncs, and blocks that can't be read. */
export const SYNC_FAULTS: readonly Fault[] = [
  {
    name: 'a read that ends at a bad block is taken for the end of the file',
    file: 'journal/journal.ts',
    replace: 'else if (length >= known) return',
    by: 'else if (length >= 0) return',
    foundBy: BAD_BLOCKS,
  },
  {
    name: 'a save that finds a bad block before its line says that the file was shortened',
    file: 'journal/journal.ts',
    replace: 'tail.includes(bytes) ? tail : this.#readAgain()',
    by: 'tail',
    foundBy: BAD_BLOCKS,
  },
]
