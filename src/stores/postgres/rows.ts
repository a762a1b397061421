import type { SessionRecord } from '../../record/record.ts'
import type { Row } from './database.ts'
import { restored } from './texts.ts'
import { milliseconds } from './times.ts'
import { restoreValues } from './values.ts'

/** The record in the columns of a row from `first` on: those of `COLUMNS`, in their order. */
export function recordOf(row: Row, first: number): SessionRecord {
  const [version, values, exact, createdAt, expiresAt, owner] = row.slice(first) as [
    ...[string, string, string | null, string, string],
    string | null,
  ]
  const record: SessionRecord = {
    version: Number(version),
    values: restoreValues(values, exact),
    createdAt: milliseconds(createdAt),
    expiresAt: milliseconds(expiresAt),
  }
  if (owner !== null) record.owner = restored(owner)
  return record
}

/** Of how many columns a record is. */
export const RECORD_COLUMNS = 6

/** The server's clock, in a column of its own. */
export function clockIn(row: Row, column: number): number {
  return milliseconds(row[column]!)
}
