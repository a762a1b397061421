import type { SessionRecord } from '../../contract/record.ts'
import type { SaveResult } from '../../contract/store.ts'

/** What a save without a change comes to, by the record that a load found. */
export function lookResult(record: SessionRecord | undefined, ifVersion: number | undefined): SaveResult {
  if (!record) return { outcome: 'gone' }
  return { outcome: ifVersion === undefined || ifVersion === record.version ? 'saved' : 'conflict', record }
}
