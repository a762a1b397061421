import { copyRecord, type SessionRecord } from '../../../record/record.ts'
import type { BaseLine, ChangeLine, Holder, LineRead, Pairs } from './line.ts'

/**
 * What a journal says: the order of its lines is the order of the commits, and every process that reads it works out
 * the same state. This file is the whole meaning of a journal and knows nothing of how one is read or written.
 */
export type JournalState =
  /** Nothing was read yet. */
  | { phase: 'blank' }
  /** The first line is no whole record: this is no session, and never will be one. */
  | { phase: 'void' }
  /** A live journal. */
  | { phase: 'open'; record: SessionRecord }
  /** Being folded: the record stands as it was at the seal, until another file takes this one's place. */
  | { phase: 'sealed'; record: SessionRecord; seal: Seal }
  /** Over, for good: deleted, made to expire, or seen to have expired. */
  | { phase: 'ended' }

export interface Seal {
  id: string
  holder: Holder
}

/** What becomes of a line at its place: it is applied, or void for a reason. Void for one reader is void for all. */
export type Fate = 'applied' | 'conflict' | 'expired' | 'sealed' | 'ended' | 'void'

export const BLANK: JournalState = { phase: 'blank' }

/** What becomes of a line that stands next after `state`. */
export function fateOf(state: JournalState, line: LineRead): Fate {
  switch (state.phase) {
    case 'blank':
      // An end that comes first claims an empty file, whose creator has died: a base after it is void.
      return line.kind === 'base' || line.kind === 'end' ? 'applied' : 'void'
    case 'sealed':
      return line.kind === 'seal' && line.replaces === state.seal.id ? 'applied' : 'sealed'
    case 'open':
      return fateInOpen(state.record, line)
    default:
      return state.phase
  }
}

function fateInOpen(record: SessionRecord, line: LineRead): Fate {
  switch (line.kind) {
    case 'change':
      if (record.expiresAt <= line.at) return 'expired'
      return line.ifVersion === undefined || line.ifVersion === record.version ? 'applied' : 'conflict'
    case 'end':
      return line.ifExpires === undefined || line.ifExpires === record.expiresAt ? 'applied' : 'conflict'
    case 'seal':
      return line.replaces === undefined ? 'applied' : 'void'
    default:
      return 'void'
  }
}

/** The state after `lines`. `state` stays as it is: the record is copied once, however many lines follow. */
export function replay(state: JournalState, lines: readonly LineRead[]): JournalState {
  let now = state
  let mine: OwnRecord | undefined
  for (const line of lines) {
    const fate = fateOf(now, line)
    if (fate !== 'applied') {
      if (now.phase === 'blank') now = { phase: 'void' }
      // Somebody has been told that the session is gone: nothing stamped earlier may bring it back.
      if (fate === 'expired') now = { phase: 'ended' }
      continue
    }
    if (line.kind === 'base') {
      mine = recordOf(line)
      now = { phase: 'open', record: mine }
    } else if (line.kind === 'end') {
      now = { phase: 'ended' }
    } else if (line.kind === 'seal') {
      // Only an open or a sealed journal applies a seal, and both have a record.
      const { record } = now as { record: SessionRecord }
      now = { phase: 'sealed', record, seal: { id: line.id, holder: line.holder } }
    } else if (line.kind === 'change') {
      mine ??= ownCopy((now as { record: SessionRecord }).record)
      applyChangeLine(mine, line)
      // One that leaves the session expired is its end, whatever others stamped before it.
      now = mine.expiresAt <= line.at ? { phase: 'ended' } : { phase: 'open', record: mine }
    }
  }
  return now
}

/** The record that a change makes of another, as a new object. */
export function changedBy(record: SessionRecord, line: ChangeLine): SessionRecord {
  const changed = ownCopy(record)
  applyChangeLine(changed, line)
  return changed
}

/** A record that no one else holds yet, and that replay may therefore build up line by line. */
type OwnRecord = SessionRecord & { values: Map<string, string> }

const ownCopy = (record: SessionRecord): OwnRecord => copyRecord(record) as OwnRecord

function recordOf(line: BaseLine): OwnRecord {
  const record: OwnRecord = {
    version: line.version,
    values: new Map(),
    createdAt: line.created,
    expiresAt: line.expires,
  }
  if (line.owner !== undefined) record.owner = line.owner
  setPairs(record.values, line.values)
  return record
}

function applyChangeLine(record: OwnRecord, line: ChangeLine): void {
  if (line.delete) for (const key of line.delete) record.values.delete(key)
  if (line.set) setPairs(record.values, line.set)
  if (line.set?.length || line.delete?.length) record.version++
  if (line.expires !== undefined) record.expiresAt = line.expires
  if (line.owner === null) delete record.owner
  else if (line.owner !== undefined) record.owner = line.owner
}

function setPairs(values: Map<string, string>, pairs: Pairs): void {
  for (let i = 0; i < pairs.length; i += 2) values.set(pairs[i]!, pairs[i + 1]!)
}
