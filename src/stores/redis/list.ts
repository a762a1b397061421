import type { SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { Calls } from '../server/calls.ts'
import type { RedisCommands } from './clients/commands.ts'
import { patternOf, sessionKeyIn } from './key-names.ts'
import { recordIn } from './layout.ts'
import { isWrongType } from './meaning.ts'
import { SeenKeys } from './seen-keys.ts'

interface Listing {
  commands: RedisCommands
  calls: Calls
  prefix: string
  wanted(record: SessionRecord): boolean
}

/** Sessions loaded at the same time: they may be large. */
const LOADED_AT_ONCE = 50

/** The sessions of every master, each once; each step has a deadline of its own. */
export async function* list(listing: Listing): AsyncGenerator<[SessionKey, SessionRecord]> {
  const unseen = new SeenKeys()
  for await (const keys of pages(listing)) {
    const fresh = keys.filter((key) => unseen.add(key))
    for (let from = 0; from < fresh.length; from += LOADED_AT_ONCE) {
      yield* await load(listing, fresh.slice(from, from + LOADED_AT_ONCE))
    }
  }
}

async function* pages({ commands, calls, prefix }: Listing): AsyncGenerator<SessionKey[]> {
  const beginning = commands.keyPrefix + prefix
  const pattern = patternOf(beginning)
  for (const scan of await calls.run('list sessions', () => commands.scans())) {
    let cursor = '0'
    do {
      const [next, names] = await calls.run('list sessions', () => scan(cursor, pattern))
      yield names.flatMap((name) => sessionKeyIn(name, beginning) ?? [])
      cursor = String(next)
    } while (cursor !== '0')
  }
}

async function load(
  { commands, calls, prefix, wanted }: Listing,
  keys: readonly SessionKey[],
): Promise<[SessionKey, SessionRecord][]> {
  const records = await calls.run('list sessions', () =>
    Promise.all(keys.map((key) => recordOrNone(commands, prefix + key))),
  )
  return keys.flatMap((key, at) => {
    const record = records[at]
    return record && wanted(record) ? [[key, record] as [SessionKey, SessionRecord]] : []
  })
}

/** What is no hash is no session. */
async function recordOrNone(commands: RedisCommands, name: string): Promise<SessionRecord | undefined> {
  try {
    return recordIn(await commands.send(name, 'hgetall', [name]))
  } catch (error) {
    if (isWrongType(error)) return undefined
    throw error
  }
}
