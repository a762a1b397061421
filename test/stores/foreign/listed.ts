import { sessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import type { SessionSource } from '../../../src/contract/source.ts'
import type { MaybePromise } from '../../../src/contract/wait.ts'

/** What a source finds by an id, as a request would ask. */
export function byId(
  source: SessionSource,
  id: string,
  app?: string,
): MaybePromise<SessionRecord | undefined> {
  return source.load(sessionKey(id, app), { id })
}

/** The values of a record, as data. */
export function dataOf(record: SessionRecord | undefined): Record<string, unknown> | undefined {
  if (record === undefined) return undefined
  return Object.fromEntries([...record.values].map(([name, text]) => [name, JSON.parse(text)]))
}

export interface Listed {
  records: Map<string, SessionRecord>
  /** What it was told that it can't read. */
  unreadable: string[]
}

/** All that a source lists. */
export async function listed(source: SessionSource): Promise<Listed> {
  const unreadable: string[] = []
  const records = new Map<string, SessionRecord>()
  const onUnreadable = ({ message }: Error): void => void unreadable.push(message)
  for await (const [key, record] of source.records({ onUnreadable })) records.set(key, record)
  return { records, unreadable }
}
