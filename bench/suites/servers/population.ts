import type { SessionKey, SessionStore } from 'untorn'
import { newKey, newRecord } from '../../candidates/sample.ts'
import { onLanes } from './lanes.ts'

/**
 * Sessions that are called in turn: enough that none is saved more often than a busy one in an application. A session that
 * is saved a thousand times a second is measured by processes that count it up.
 */
export interface Population {
  keys: readonly SessionKey[]
  /** Of each, as the last save has made it. */
  versions: number[]
}

export async function populate(store: SessionStore, sessions: number): Promise<Population> {
  const keys = Array.from({ length: sessions }, newKey)
  let next = 0
  await onLanes(16, sessions, async () => store.create(keys[next++]!, newRecord()))
  return { keys, versions: keys.map(() => 0) }
}

/** Which of so many a lane comes to next: no two lanes ever come to the same one. */
export function inTurns(lanes: number, count: number): (lane: number) => number {
  const rounds = Math.floor(count / lanes)
  const made = new Array<number>(lanes).fill(0)
  return (lane) => lane + lanes * (made[lane]!++ % rounds)
}
