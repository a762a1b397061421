import { isNoSession, type SessionKey, shortKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { RecordsOptions } from '../../contract/store.ts'
import { StoreUnavailableError } from '../../errors.ts'
import type { Calls } from '../server/calls.ts'
import type { RedisCommands } from './clients/commands.ts'
import { patternOf, sessionKeyIn } from './key-names.ts'
import { lookIn } from './layout.ts'
import { isWrongType } from './meaning.ts'
import { SeenKeys } from './seen-keys.ts'

/** What a listing goes through. */
export interface Listing {
  commands: RedisCommands
  calls: Calls
  prefix: string
}

/** Sessions loaded at the same time: they may be large. */
const LOADED_AT_ONCE = 50

/** The sessions of every master, each once, or `all` records; each step has a deadline of its own. */
export async function* list(
  listing: Listing,
  { all = false, onUnreadable }: RecordsOptions,
  wanted: (record: SessionRecord) => boolean = () => true,
): AsyncGenerator<[SessionKey, SessionRecord]> {
  for await (const keys of pages(listing, 'list sessions', all)) {
    for (let from = 0; from < keys.length; from += LOADED_AT_ONCE) {
      const loaded = await load(listing, keys.slice(from, from + LOADED_AT_ONCE), onUnreadable)
      for (const entry of loaded) if (wanted(entry[1])) yield entry
    }
  }
}

/** The keys of sessions on every master. Of each it is not known whether more is left than the mark of its end. */
export async function count(listing: Listing): Promise<number> {
  let count = 0
  for await (const keys of pages(listing, 'count sessions', false)) count += keys.length
  return count
}

/** Keys of sessions, or of `all` records, each once. */
async function* pages(listing: Listing, doing: string, all: boolean): AsyncGenerator<SessionKey[]> {
  const { commands, calls, prefix } = listing
  const unseen = new SeenKeys()
  const beginning = commands.keyPrefix + prefix
  const pattern = patternOf(beginning)
  for (const scan of await calls.run(doing, () => commands.scans())) {
    let cursor = '0'
    do {
      const [next, names] = await calls.run(doing, () => scan(cursor, pattern))
      const keys = names.flatMap((name) => sessionKeyIn(name, beginning) ?? [])
      yield keys.filter((key) => (all || !isNoSession(key)) && unseen.add(key))
      cursor = String(next)
    } while (cursor !== '0')
  }
}

async function load(
  { commands, calls, prefix }: Listing,
  keys: readonly SessionKey[],
  onUnreadable: RecordsOptions['onUnreadable'],
): Promise<[SessionKey, SessionRecord][]> {
  const records = await calls.run('list sessions', () =>
    Promise.all(keys.map((key) => looked(commands, prefix + key))),
  )
  return keys.flatMap((key, at) => {
    const { record, isUnreadable } = records[at]!
    if (isUnreadable) onUnreadable?.(unreadable(`${prefix}${shortKey(key)}...`))
    return record ? [[key, record] as [SessionKey, SessionRecord]] : []
  })
}

/** What is no hash is no session. */
async function looked(commands: RedisCommands, name: string): Promise<ReturnType<typeof lookIn>> {
  try {
    return lookIn(await commands.send(name, 'hgetall', [name]))
  } catch (error) {
    if (isWrongType(error)) return { record: undefined, isUnreadable: true }
    throw error
  }
}

function unreadable(name: string): StoreUnavailableError {
  return new StoreUnavailableError(
    `What Redis has under "${name}" is no session that this release of untorn knows: another one has written it, or ` +
      'somebody else. Use that release, or give the store a `prefix` of its own.',
  )
}
