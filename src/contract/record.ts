/** What a store holds for a session. */
export interface SessionRecord {
  /** Rises by one with every change of values; a change of expiry or owner alone leaves it. */
  version: number
  /** Each value as JSON text, which no store needs to understand. */
  values: ReadonlyMap<string, string>
  /** Milliseconds since the epoch. */
  createdAt: number
  /** Milliseconds since the epoch, absolute: from this moment on the record is absent. */
  expiresAt: number
  /** The application's user that the session belongs to: a text of at most 2048 bytes, as JSON has it. */
  owner?: string
}

/** A record before a store has taken it. */
export interface NewRecord extends Omit<SessionRecord, 'version'> {
  /**
   * The version that it begins at, for one that comes from another store: whoever has read it there must not meet the
   * same version again for other values. Default: 0.
   */
  version?: number
}

/** What a request did to a record. */
export interface SessionChange {
  /** Values to set, as JSON text. */
  set?: ReadonlyMap<string, string>
  /** Keys to delete; one that is not there does no harm. */
  delete?: readonly string[]
  /** Milliseconds since the epoch. */
  expiresAt?: number
  /** `null` takes the owner away. */
  owner?: string | null
}

/** Whether a change touches values, and so raises the version. */
export function changesValues(change: SessionChange): boolean {
  return (change.set?.size ?? 0) > 0 || (change.delete?.length ?? 0) > 0
}

/** Whether a change leaves everything as it is: a save of it only looks. */
export function isEmpty(change: SessionChange): boolean {
  return !changesValues(change) && change.expiresAt === undefined && change.owner === undefined
}

/** The record after a change, as new objects: neither argument is touched, nothing is shared with them. */
export function applyChange(record: SessionRecord, change: SessionChange): SessionRecord {
  const values = new Map(record.values)
  for (const key of change.delete ?? []) values.delete(key)
  for (const [key, text] of change.set ?? []) values.set(key, text)
  const changed: SessionRecord = {
    version: changesValues(change) ? record.version + 1 : record.version,
    values,
    createdAt: record.createdAt,
    expiresAt: change.expiresAt ?? record.expiresAt,
  }
  const owner = change.owner === undefined ? record.owner : change.owner
  if (owner !== undefined && owner !== null) changed.owner = owner
  return changed
}

/** The same record as objects of the caller's own: no handler may change another's view. */
export function copyRecord({ version, values, createdAt, expiresAt, owner }: SessionRecord): SessionRecord {
  // Written out, as this is on the way of every load: `new Map(values)` takes twice as long for the few values that a
  // session has, and a spread as much as the rest of it.
  const texts = new Map<string, string>()
  for (const [key, text] of values) texts.set(key, text)
  if (owner === undefined) return { version, values: texts, createdAt, expiresAt }
  return { version, values: texts, createdAt, expiresAt, owner }
}
