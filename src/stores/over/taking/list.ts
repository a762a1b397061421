import type { SessionKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import { run } from '../../../contract/wait.ts'
import type { Listing } from '../moving/list.ts'
import type { SourcePair } from './pair.ts'
import { hasReceipt } from './receipt.ts'
import { sessionIn } from './take.ts'

/** First what the source has and nobody has taken, then what is in `to`; each once. */
export async function* listTaken(
  pair: SourcePair,
  listing: { from: Listing; to: Listing },
  wanted: (record: SessionRecord) => boolean = () => true,
): AsyncGenerator<[SessionKey, SessionRecord]> {
  const met = new Set<SessionKey>()
  for await (const [key, record] of listing.from) {
    if (!wanted(record) || (await run(hasReceipt(pair, key)))) continue
    met.add(key)
    yield [key, record]
  }
  for await (const [key, record] of listing.to) {
    if (met.has(key)) continue
    const session = await run(sessionIn(pair, key, record))
    if (session) yield [key, session]
  }
}
