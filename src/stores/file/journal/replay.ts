import type { SessionKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import type { BaseLine, ChangeLine, Holder, LineRead, Pairs } from './line.ts'

/**
 * What a journal says: the order of its lines is the order of the commits, and every process that reads it works out
 * the same state. This file is the whole meaning of a journal and knows nothing of how one is read or written.
 */
export type JournalState =
  /** Nothing was read yet. */
  | { phase: 'blank' }
  /** The first line is damaged, or of another session's file: this is no session, and never will be one. */
  | { phase: 'void' }
  /** A live journal. */
  | { phase: 'open'; record: ReplayedRecord }
  /** Being folded: the record stands as it was at the seal, until another file takes this one's place. */
  | { phase: 'sealed'; record: ReplayedRecord; seal: Seal }
  /** Over, for good: deleted, made to expire, or seen to have expired. */
  | { phase: 'ended' }

/** A record as replay builds it up: whoever is to keep one gets a copy. */
export type ReplayedRecord = SessionRecord & { values: Map<string, string> }

export interface Seal {
  id: string
  holder: Holder
}

/** What becomes of a line at its place: it is applied, or void for a reason. Void for one reader is void for all. */
export type Fate = 'applied' | 'conflict' | 'expired' | 'sealed' | 'ended' | 'void'

export const BLANK: JournalState = { phase: 'blank' }

/** No session expires then: an end that names it is void behind a whole base line. */
export const NEVER = -1

/** What becomes of a line that stands next after `state`, in the file of the session with this key. */
export function fateOf(state: JournalState, line: LineRead, key?: SessionKey): Fate {
  switch (state.phase) {
    case 'blank':
      // An end that comes first claims an empty file, whose creator has died: a base after it is void.
      return (line.kind === 'base' && !isOfAnother(line, key)) || line.kind === 'end' ? 'applied' : 'void'
    case 'void':
      return isClaim(line) ? 'applied' : 'void'
    case 'sealed':
      return line.kind === 'seal' && line.replaces === state.seal.id ? 'applied' : 'sealed'
    case 'open':
      return fateInOpen(state.record, line)
    default:
      return state.phase
  }
}

/**
 * Whoever may rename a file can't make one session of another: each says in its first line whose it is. A first line that
 * doesn't was written by one of the first releases.
 */
function isOfAnother(line: BaseLine, key: SessionKey | undefined): boolean {
  return key !== undefined && line.key !== undefined && line.key !== key
}

/** Claims a file whose creator has died, also behind a part of its line: of several claims the first counts. */
function isClaim(line: LineRead): boolean {
  return line.kind === 'end' && line.ifExpires === NEVER
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

/**
 * The state after `lines`, in the file of the session with this `key`: whoever has no more than bytes leaves it out, and
 * reads them as that of any. A record is built up in place, and `state` is used up.
 */
export function replay(state: JournalState, lines: readonly LineRead[], key?: SessionKey): JournalState {
  let now = state
  for (const line of lines) now = after(now, line, key)
  return now
}

function after(state: JournalState, line: LineRead, key: SessionKey | undefined): JournalState {
  const fate = fateOf(state, line, key)
  if (fate !== 'applied') {
    // A whole line that is no base, and comes first: a sign-out without space for its end has cut the file, and somebody
    // who did not know that appended to it.
    if (state.phase === 'blank') return { phase: isNoFirstLine(line) ? 'void' : 'ended' }
    // Somebody has been told that the session is gone: nothing stamped earlier may bring it back.
    return fate === 'expired' ? { phase: 'ended' } : state
  }
  if (line.kind === 'base') return { phase: 'open', record: recordOf(line) }
  if (line.kind === 'end') return { phase: 'ended' }
  if (state.phase !== 'open' && state.phase !== 'sealed') return state
  const { record } = state
  if (line.kind === 'seal') return { phase: 'sealed', record, seal: { id: line.id, holder: line.holder } }
  if (line.kind !== 'change') return state
  applyChangeLine(record, line)
  // One that leaves the session expired is its end, whatever others stamped before it.
  return record.expiresAt <= line.at ? { phase: 'ended' } : state
}

/** Of a file that was never a session's under this name. */
const isNoFirstLine = ({ kind }: LineRead): boolean => kind === 'damaged' || kind === 'base'

function recordOf(line: BaseLine): ReplayedRecord {
  const record: ReplayedRecord = {
    version: line.version,
    values: new Map(),
    createdAt: line.created,
    expiresAt: line.expires,
  }
  if (line.owner !== undefined) record.owner = line.owner
  setPairs(record.values, line.values)
  return record
}

function applyChangeLine(record: ReplayedRecord, line: ChangeLine): void {
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
