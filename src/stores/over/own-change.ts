import type { SessionChange } from '../../contract/record.ts'

/** A change that its caller may go on using: it is read again after other calls. */
export function ownChange(change: SessionChange): SessionChange {
  const own = { ...change }
  if (change.set) own.set = new Map(change.set)
  if (change.delete) own.delete = [...change.delete]
  return own
}
