import { fileLabel } from './directory.ts'
import type { JournalFile } from './names.ts'
import type { Surroundings } from './surroundings.ts'

/** Counts and reports the damage that is met in journals. Nothing is deleted. */
export class Damage {
  /** Damaged lines met and skipped. */
  lines = 0
  readonly #report: Surroundings['report']

  constructor({ report }: Pick<Surroundings, 'report'>) {
    this.#report = report
  }

  note({ journal, key }: Pick<JournalFile, 'journal' | 'key'>): void {
    const lines = journal.damagedLines
    const whole = journal.isVoid
    if (lines === 0 && !whole) return
    journal.damagedLines = 0
    this.lines += lines
    this.#report({ type: 'damaged-journal', file: fileLabel(key), lines, whole })
  }
}
