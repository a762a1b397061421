import { createHash } from 'node:crypto'
import type { SessionRecord } from '../../../../src/contract/record.ts'

/** What has to be read in a golden journal, beside it as JSON. */
export interface Expected {
  /** What it is, in a sentence. */
  says: string
  /** When it is read (ms since the epoch). */
  at: number
  /** Whose its name says that it is. Left out where it is read in the same way under any. */
  key?: string
  /** Of the journal's bytes, so that nobody changes them unnoticed. */
  sha256: string
  /** `null`: no session. Values in the order in which they were set. */
  record: (Omit<SessionRecord, 'values'> & { values: [string, string][] }) | null
  /** What is reported of it: lines that were skipped, and whether it does not begin with a whole one. */
  damage: { lines: number; whole: boolean } | null
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
