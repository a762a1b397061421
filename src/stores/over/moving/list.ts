import type { SessionKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import { run } from '../../../contract/wait.ts'
import { copyIn } from './copies.ts'
import { loadHere } from './load.ts'
import { sealOf, withoutSeal } from './marks.ts'
import type { Pair } from './pair.ts'

export type Listing = AsyncIterable<[SessionKey, SessionRecord]>

/**
 * First what is in `from`, then what is in `to`: a session that moves meanwhile is met in one of them, and is told apart
 * by its key where it is met in both.
 */
export async function* listBoth(
  pair: Pair,
  list: (store: Pair['from']) => Listing,
): AsyncGenerator<[SessionKey, SessionRecord]> {
  const met = new Set<SessionKey>()
  for await (const [key, record] of list(pair.from)) {
    const seal = sealOf(record)
    if (seal?.chosen !== undefined) continue
    met.add(key)
    yield [key, seal ? withoutSeal(record, seal) : record]
  }
  for await (const [key, record] of list(pair.to)) {
    if (met.has(key)) continue
    const session = copyIn(record) ? await run(loadHere(pair, key)) : record
    if (session) yield [key, session]
  }
}
