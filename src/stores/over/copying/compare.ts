import type { SessionRecord } from '../../../contract/record.ts'
import { STEP } from '../in-time-of.ts'

/** In what two records of a session may differ. */
export type Part = 'version' | 'values' | 'createdAt' | 'expiresAt' | 'owner'

/** In what two records differ. */
export function differing(one: SessionRecord, other: SessionRecord): Part[] {
  const parts: Part[] = []
  if (one.version !== other.version) parts.push('version')
  if (!sameValues(one.values, other.values)) parts.push('values')
  if (one.createdAt !== other.createdAt) parts.push('createdAt')
  if (one.expiresAt !== other.expiresAt) parts.push('expiresAt')
  if (one.owner !== other.owner) parts.push('owner')
  return parts
}

function sameValues(one: SessionRecord['values'], other: SessionRecord['values']): boolean {
  if (one.size !== other.size) return false
  for (const [name, text] of one) if (other.get(name) !== text) return false
  return true
}

/**
 * A record of the source as its copy has it. Where two clocks are half a step apart it may be found, now and when the copy
 * was made, that they are one step more or less; that a session was created at another time tells of it, as that never changes.
 */
export function asCopied(source: SessionRecord, there: SessionRecord): SessionRecord {
  const { createdAt } = there
  const ms = createdAt - source.createdAt
  return Math.abs(ms) === STEP ? { ...source, createdAt, expiresAt: source.expiresAt + ms } : source
}

/**
 * What the record in the target is to that in the source. The higher version is the newer one. A change of expiry or owner
 * leaves the version, so of two records that have one version and the same values, that which expires later is newer:
 * sessions are extended by use. `'apart'`: they differ in what does not tell which is newer.
 */
export function relationOf(
  there: SessionRecord,
  source: SessionRecord,
): 'same' | 'older' | 'newer' | 'apart' {
  const parts = differing(there, source)
  if (parts.length === 0) return 'same'
  if (there.version !== source.version) return there.version < source.version ? 'older' : 'newer'
  if (parts.includes('values') || parts.includes('createdAt')) return 'apart'
  if (there.expiresAt !== source.expiresAt) return there.expiresAt < source.expiresAt ? 'older' : 'newer'
  return 'apart'
}
