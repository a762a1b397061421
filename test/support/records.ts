import { randomBytes } from 'node:crypto'
import type { SessionKey } from '../../src/contract/key.ts'
import { sessionKey } from '../../src/contract/key.ts'
import type { NewRecord } from '../../src/contract/record.ts'

const HOUR = 3_600_000

/** A key that was never used. */
export function newKey(): SessionKey {
  return sessionKey(randomBytes(32).toString('base64url'))
}

/** A record that lives for an hour, with values given as data. */
export function newRecord(values: Record<string, unknown> = {}, more: Partial<NewRecord> = {}): NewRecord {
  const now = Date.now()
  return { values: texts(values), createdAt: now, expiresAt: now + HOUR, ...more }
}

/** Values as a store takes them. */
export function texts(values: Record<string, unknown>): Map<string, string> {
  return new Map(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]))
}
