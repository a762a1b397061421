import { setTimeout as delay } from 'node:timers/promises'
import type { SessionKey } from '../../../contract/key.ts'
import type { SessionChange, SessionRecord } from '../../../contract/record.ts'
import type { SessionStore } from '../../../contract/store.ts'
import { MisuseError, StoreBusyError } from '../../../errors.ts'
import { timeOf } from '../in-time-of.ts'
import { isMarked } from '../moving/marks.ts'
import { asCopied, relationOf } from './compare.ts'

/** What became of a record that is to be in the target. */
export type Put =
  /** It was not there, and is now. */
  | 'copied'
  /** An older one was there, and is the same now. */
  | 'updated'
  /** It was there already. */
  | 'same'
  /** What is there is newer, or it can't be told which is: it stays as it is. */
  | 'kept'
  /** It has expired on the way. */
  | 'expired'

/** How often a key is refused as taken under which nothing is found. */
const MOST_REFUSALS = 10

/** Milliseconds; each wait is twice the one before. */
const FIRST_WAIT = 10

/** Sees to it that a session of the source is in the target. */
export async function put(to: SessionStore, key: SessionKey, record: SessionRecord): Promise<Put> {
  assertNotMoving(record)
  for (let refusals = 0; refusals < MOST_REFUSALS; refusals++) {
    if (record.expiresAt <= (await timeOf(to))) return 'expired'
    if (await to.create(key, record)) return 'copied'
    const there = await to.load(key)
    const put = there && (await bringUp(to, key, record, there))
    if (put) return put
    // What has expired there, and was not swept: of an earlier copy, before the session was extended in the source.
    await to.delete(key)
    // A server may remember for some seconds that a key was deleted, and refuse it as long.
    await delay(FIRST_WAIT * 2 ** refusals)
  }
  throw new StoreBusyError(
    'A session could not be copied: the store that it is copied to says that its key is taken, and finds nothing there.',
  )
}

/** `undefined`: it has gone meanwhile. */
async function bringUp(
  to: SessionStore,
  key: SessionKey,
  source: SessionRecord,
  found: SessionRecord,
): Promise<Put | undefined> {
  const record = asCopied(source, found)
  let there: SessionRecord | undefined = found
  let changed = false
  while (there) {
    assertNotMoving(there)
    const relation = relationOf(there, record)
    if (relation !== 'older') return changed ? 'updated' : relation === 'same' ? 'same' : 'kept'
    const result = await to.save(key, nextChange(there, record), { ifVersion: there.version })
    if (result.outcome === 'saved') changed = true
    there = result.outcome === 'gone' ? undefined : result.record
  }
  return undefined
}

/** To delete it changes nothing but the version. */
const NO_VALUE = 'untorn:copied'

/**
 * A save raises the version by one, so one that lags behind is raised step by step, and the values come with the last: at
 * the end it is the source's. With a lower one, a change that an application makes to the target afterwards could look
 * older than what is in the source.
 */
function nextChange(there: SessionRecord, record: SessionRecord): SessionChange {
  if (there.version < record.version - 1) return { delete: [NO_VALUE] }
  const change: SessionChange = { expiresAt: record.expiresAt, owner: record.owner ?? null }
  if (there.version === record.version) return change
  const set = new Map([...record.values].filter(([name, text]) => there.values.get(name) !== text))
  const gone = [...there.values.keys()].filter((name) => !record.values.has(name))
  return { ...change, set, delete: set.size + gone.length > 0 ? gone : [NO_VALUE] }
}

function assertNotMoving(record: SessionRecord): void {
  if (!isMarked(record)) return
  throw new MisuseError(
    'Sessions of these stores are being moved (`moving`): finish that first, with `npx untorn move`, or copy from the ' +
      'store that `moving` makes.',
  )
}
