import type { Operation } from '../../measure/rounds.ts'

/** At a time, each on a connection of its own. */
export const POSTGRES_LANES = [1, 16] as const
export const CONNECTIONS = Math.max(...POSTGRES_LANES)

export function postgresNames(driver: string, lanes: number) {
  const of = (what: string): string => `${driver}, ${lanes} at a time: ${what}`
  return {
    select: of('SELECT of as long a text'),
    update: of('UPDATE to as long a text'),
    load: of('untorn: load'),
    save: of('untorn: save'),
    saveIfVersion: of('untorn: conditional save'),
    peerGet: of('connect-pg-simple: get'),
    peerSet: of('connect-pg-simple: set'),
  }
}

/** Operations over pools that are to be closed. */
export interface Pools {
  operations: Operation[]
  close(): Promise<void>
}

/** Writes wait for the disk. */
export function batches(lanes: number): { reads: number; writes: number } {
  return lanes === 1 ? { reads: 120, writes: 30 } : { reads: 20 * lanes, writes: 8 * lanes }
}
