import type { SessionKey } from '../../../contract/key.ts'
import type { NewRecord, SessionChange } from '../../../contract/record.ts'
import { type BaseLine, type ChangeLine, FORMAT } from './line.ts'

/** A session's record as its journal's first line. */
export function baseLine(key: SessionKey, record: NewRecord): BaseLine {
  const line: BaseLine = {
    kind: 'base',
    format: FORMAT,
    key,
    version: record.version ?? 0,
    created: record.createdAt,
    expires: record.expiresAt,
    values: pairs(record.values),
  }
  if (record.owner !== undefined) line.owner = record.owner
  return line
}

/** A change as a journal's next line, to which its append gives an id and a time. It shares nothing with the change, which its caller may go on using. */
export function changeLine(change: SessionChange, ifVersion?: number): ChangeLine {
  const line: ChangeLine = { kind: 'change', id: '', at: 0 }
  if (change.set && change.set.size > 0) line.set = pairs(change.set)
  if (change.delete && change.delete.length > 0) line.delete = [...change.delete]
  if (change.expiresAt !== undefined) line.expires = change.expiresAt
  if (change.owner !== undefined) line.owner = change.owner
  if (ifVersion !== undefined) line.ifVersion = ifVersion
  return line
}

function pairs(values: ReadonlyMap<string, string>): string[] {
  const flat: string[] = []
  for (const [key, text] of values) flat.push(key, text)
  return flat
}
