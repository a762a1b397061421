import type { Fault } from './fault.ts'

const ELSEWHERE = 'power loss after a sync that failed, and another process saved'
const BAD_BLOCKS = "every block of a journal that can't be read"

/** What a disk that fails does to a journal: syncs, and blocks that can't be read. */
export const SYNC_FAULTS: readonly Fault[] = [
  {
    name: 'that a sync has failed is known to the process alone that was told',
    file: 'make-durable.ts',
    replace: "  if (journal.state.phase !== 'ended') folds.replaceInBackground(opened)\n",
    by: '',
    foundBy: ELSEWHERE,
  },
  {
    name: 'after a sync that failed the new file is written first, and the old one can be saved to meanwhile',
    file: 'folds.ts',
    replace: '      if (!this.#isHeldHere(journal) && !this.#seal(opened)) return\n',
    by: '      if (!this.#isHeldHere(journal)) return yield* this.#fold(opened)\n',
    foundBy: ELSEWHERE,
    takesLong: true,
  },
  {
    name: 'whoever opens a file does not look whether it was sealed while its first save was synced',
    file: 'make-durable.ts',
    replace: "const isReplaced = journal.refresh() === 'replaced'",
    by: 'const isReplaced = false',
    foundBy: ELSEWHERE,
    takesLong: true,
  },
  {
    name: 'an end in a file that another process has found to be doubtful is believed',
    file: 'make-durable.ts',
    replace: "if (journal.state.phase === 'ended') return yield* removeForGood(parts, key, opened)",
    by: '',
    also: { replace: "journal.state.phase !== 'open'", by: "journal.state.phase === 'sealed'" },
    foundBy: ELSEWHERE,
    takesLong: true,
  },
  {
    name: 'a read that ends at a bad block is taken for the end of the file',
    file: 'journal/journal.ts',
    replace: 'else if (length >= known) return',
    by: 'else if (length >= 0) return',
    foundBy: BAD_BLOCKS,
  },
  {
    name: 'a line behind a bad block is taken for one that is not there',
    file: 'journal/journal.ts',
    replace: 'tail.includes(bytes) ? tail : this.#readAgain()',
    by: 'tail',
    also: {
      replace: 'if (mine === -1) throw new TruncatedError(',
      by: "if (mine === -1) return { fate: 'void', record: undefined }\n    if (this.size < 0) throw new TruncatedError(",
    },
    foundBy: BAD_BLOCKS,
    takesLong: true,
  },
]
