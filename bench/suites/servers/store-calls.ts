import type { SessionStore } from 'untorn'
import { type PeerServerStore, peerCalls } from '../../candidates/express-session.ts'
import { tokenChanges } from '../../candidates/sample.ts'
import { inTurn, type Operation } from '../../measure/rounds.ts'
import { inTurns, type Population } from './population.ts'
import type { Call } from './throughput.ts'

/** What is called of a store; the bare calls are their measure. */
export interface StoreCalls {
  load(lane: number): Promise<void>
  save(lane: number): Promise<void>
  /** That names the version which the last one has made. */
  saveIfVersion(lane: number): Promise<void>
}

export function storeCalls(store: SessionStore, { keys, versions }: Population, lanes: number): StoreCalls {
  const loaded = inTurns(lanes, keys.length)
  const saved = inTurns(lanes, keys.length)
  const save = async (index: number, options?: { ifVersion: number }): Promise<void> => {
    const change = tokenChanges[versions[index]! % 2]!
    const result = await store.save(keys[index]!, change, options)
    if (result.outcome !== 'saved') throw new Error(`A save came to "${result.outcome}".`)
    versions[index] = result.record.version
  }
  return {
    async load(lane) {
      if ((await store.load(keys[loaded(lane)]!)) === undefined) throw new Error('The session is lost.')
    },
    save: (lane) => save(saved(lane)),
    saveIfVersion(lane) {
      const index = saved(lane)
      return save(index, { ifVersion: versions[index]! })
    },
  }
}

/** Getting and setting, with callbacks alone as express-session calls them. */
export async function peerOperations(
  store: PeerServerStore,
  sessions: number,
  { group, lanes, batch }: Pick<Call, 'group' | 'lanes' | 'batch'>,
  names: Record<'get' | 'set', string>,
  floors: Record<'get' | 'set', string>,
): Promise<Operation[]> {
  const calls = Array.from({ length: sessions }, () => peerCalls(store))
  for (const { set } of calls) await inTurn(1, set)
  return (['get', 'set'] as const).map((what) => {
    const next = inTurns(lanes, sessions)
    const lane = (lane: number, count: number): Promise<void> =>
      inTurn(count, (done, index) => calls[next(lane)]![what](done, index))
    return {
      group,
      name: names[what],
      floor: floors[what],
      batch,
      run: (count) => Promise.all(Array.from({ length: lanes }, (_, n) => lane(n, Math.ceil(count / lanes)))),
    }
  })
}
