import { existsSync, readFileSync } from 'node:fs'
import type { FileStoreStats } from 'untorn/file'
import type { Listing, Moment, Operation, SeenRecord, SessionHistory } from './history/operation.ts'
import type { Address, Entry, SeenEvent } from './wire.ts'

/** Whose diary, where it is, and when that process ended. */
export interface DiaryOf {
  worker: string
  path: string
  ended: { at: Moment; wall: number }
}

/** What the diaries of all processes say together. */
export interface Diaries {
  sessions: SessionHistory[]
  listings: Listing[]
  addresses: Address[]
  /** The last word of each process about each of its stores. */
  stats: FileStoreStats[]
  events: SeenEvent[]
  shortages: number
  shortWrites: number
  sweeps: number
}

type Announced = Extract<Entry, { call: unknown }>
type Heard = Extract<Entry, { began: number }>

/** The entries of a diary. The last line may be torn: then what it announces was not done. */
function entriesIn(path: string): Entry[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry)
}

/** Reads diaries, one after another. */
export class DiaryReader {
  readonly #operations = new Map<string, { name: string; place: string; operations: Operation[] }>()
  readonly #addresses = new Map<string, Address>()
  readonly #found: Omit<Diaries, 'sessions' | 'addresses'> = {
    listings: [],
    stats: [],
    events: [],
    shortages: 0,
    shortWrites: 0,
    sweeps: 0,
  }

  read({ worker, path, ended }: DiaryOf): void {
    const open = new Map<number, Announced>()
    const stats = new Map<string, FileStoreStats>()
    for (const entry of entriesIn(path)) {
      if ('call' in entry) open.set(entry.n, entry)
      else if ('began' in entry) {
        this.#heard(worker, open.get(entry.n)!, entry)
        open.delete(entry.n)
      } else if ('key' in entry) this.#addresses.set(entry.key, entry)
      else if ('stats' in entry) stats.set(entry.place, entry.stats)
      else if ('event' in entry) this.#found.events.push(entry.event)
      else if ('shortages' in entry) this.#found.shortages += entry.shortages
      else this.#found.shortWrites += entry.shortWrites
    }
    for (const announced of open.values()) this.#unheard(worker, announced, ended)
    this.#found.stats.push(...stats.values())
  }

  /** What all that were read say together. */
  result(): Diaries {
    return {
      ...this.#found,
      sessions: [...this.#operations.values()],
      addresses: [...this.#addresses.values()],
    }
  }

  #heard(worker: string, announced: Announced, heard: Heard): void {
    const { n, call, wall, place } = announced
    const times = { begun: heard.began, ended: heard.at, wallBegun: wall, wallEnded: heard.wall }
    const done = { id: `${worker}.${n}`, worker, ...times }
    if ('answer' in heard) this.#add(announced, { ...done, call, answer: heard.answer })
    else if ('listed' in heard) {
      const records = new Map<string, SeenRecord>(Object.entries(heard.listed))
      this.#found.listings.push({ ...done, place, records })
    } else this.#found.sweeps++
  }

  #unheard(worker: string, announced: Announced, ended: DiaryOf['ended']): void {
    const { n, call, at, wall } = announced
    const times = { begun: at, ended: ended.at, wallBegun: wall, wallEnded: ended.wall }
    this.#add(announced, { id: `${worker}.${n}`, worker, ...times, call })
  }

  #add({ place, session }: Announced, operation: Operation): void {
    const known = this.#operations.get(`${place}/${session}`)
    if (known) known.operations.push(operation)
    else this.#operations.set(`${place}/${session}`, { name: session, place, operations: [operation] })
  }
}
