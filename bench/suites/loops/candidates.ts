import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Session, SessionKey } from 'untorn'
import { type PeerStore, peerCalls, peerFileStore } from '../../candidates/express-session.ts'
import { newKey, newRecord, tokenChanges, tokens, values } from '../../candidates/sample.ts'
import { type SqliteStore, type Synchronous, sqliteStore } from '../../candidates/sqlite.ts'
import { createSessions, fileStore } from '../../candidates/untorn.ts'
import { atOnce, inTurn } from '../../measure/rounds.ts'
import { cookieOf } from '../store/sessions.ts'

/** A loop over one session, of so many turns that a sample has its part of the work that only some turns do. */
export interface Loop {
  name: string
  /** The name of untorn's loop that does the same. */
  to: string
  /** About ten milliseconds. */
  turns: number
  /** Microseconds for each turn. */
  run(turns: number): Promise<number>
}

export interface Loops {
  loops: Loop[]
  close(): Promise<void>
}

export const names = {
  load: 'untorn, store: load',
  save: 'untorn, store: save',
  both: 'untorn, store: load + save',
  bothSynced: 'untorn, store, disk: load + save',
  read: 'untorn, sessions: open + get + commit',
  change: 'untorn, sessions: open + set + commit',
  peerSave: 'session-file-store: set',
  django: 'Django, file backend: load + save',
} as const

/** @param run one turn after the other, without a promise between two */
async function timed(run: () => unknown): Promise<number> {
  const started = performance.now()
  const running = run()
  if (running instanceof Promise) await running
  return (performance.now() - started) * 1000
}

function loop(name: string, to: string, turns: number, run: (turns: number) => unknown): Loop {
  return { name, to, turns, run: async (turns) => (await timed(() => run(turns))) / turns }
}

/** A loop of turns that are done when they return. */
function atOnceLoop(name: string, to: string, turns: number, turn: (index: number) => void): Loop {
  return loop(name, to, turns, (turns) => {
    for (let index = 0; index < turns; index++) turn(index)
  })
}

export async function untorn(directory: string): Promise<Loops> {
  const store = fileStore(join(directory, 'process'), { sweepEvery: 0 })
  const disk = fileStore(join(directory, 'disk'), { sweepEvery: 0, durability: 'disk' })
  const [loaded, saved, both, synced] = [newKey(), newKey(), newKey(), newKey()]
  for (const key of [loaded, saved, both]) await store.create(key, newRecord())
  await disk.create(synced, newRecord())
  const load = (key: SessionKey): void => {
    if (store.load(key)?.values.size !== 3) throw new Error('The session is lost.')
  }
  const save = (key: SessionKey, index: number): void => {
    if (atOnce(store.save(key, tokenChanges[index % 2]!)).outcome !== 'saved')
      throw new Error('A save was lost.')
  }
  return {
    loops: [
      atOnceLoop(names.load, names.load, 4000, () => load(loaded)),
      atOnceLoop(names.save, names.save, 1000, (index) => save(saved, index)),
      atOnceLoop(names.both, names.both, 1000, (index) => {
        load(both)
        save(both, index)
      }),
      loop(names.bothSynced, names.bothSynced, 16, async (turns) => {
        for (let index = 0; index < turns; index++) {
          disk.load(synced)
          await disk.save(synced, tokenChanges[index % 2]!)
        }
      }),
      ...(await requests(join(directory, 'requests'))),
    ],
    close: async () => void (await Promise.all([store.close(), disk.close()])),
  }
}

async function requests(directory: string): Promise<Loop[]> {
  type Values = typeof values
  const sessions = createSessions<Values>({ store: fileStore(directory, { sweepEvery: 0 }) })
  const first = await sessions.open(undefined)
  first.set('user', values.user)
  first.set('cart', values.cart)
  first.set('token', values.token)
  const cookie = cookieOf(await first.commit())
  const open = (): Session<Values> => atOnce(sessions.open(cookie))
  return [
    atOnceLoop(names.read, names.load, 1500, () => {
      const session = open()
      if (session.get('user')?.id !== values.user.id) throw new Error('The session is lost.')
      atOnce(session.commit())
    }),
    atOnceLoop(names.change, names.both, 600, (index) => {
      const session = open()
      session.set('token', tokens[index % 2]!)
      atOnce(session.commit())
    }),
  ]
}

/** With its own defaults, as express-session calls it. */
export async function sessionFileStore(directory: string): Promise<Loops> {
  const store: PeerStore = peerFileStore(directory)
  const { get, set } = peerCalls(store)
  const both = (done: (error?: unknown) => void, index: number): void =>
    get((error) => (error ? done(error) : set(done, index)))
  await inTurn(1, set)
  return {
    loops: [
      loop('session-file-store: get', names.load, 100, (turns) => inTurn(turns, get)),
      loop(names.peerSave, names.save, 4, (turns) => inTurn(turns, set)),
      loop('session-file-store: get + set', names.both, 4, (turns) => inTurn(turns, both)),
    ],
    close: async () => {},
  }
}

/** `undefined`: better-sqlite3 is not installed. */
export async function sqlite(directory: string): Promise<Loops | undefined> {
  mkdirSync(directory, { recursive: true })
  const open = async (synchronous: Synchronous): Promise<OneSession | undefined> =>
    oneSession(await sqliteStore(join(directory, `${synchronous}.db`), synchronous))
  const [normal, full] = [await open('NORMAL'), await open('FULL')]
  if (!normal || !full) return undefined
  return {
    loops: [
      atOnceLoop('better-sqlite3, NORMAL: load', names.load, 1500, normal.load),
      atOnceLoop('better-sqlite3, NORMAL: save', names.save, 1000, normal.save),
      atOnceLoop('better-sqlite3, NORMAL: load + save', names.both, 1000, normal.both),
      atOnceLoop('better-sqlite3, FULL: load + save', names.bothSynced, 16, full.both),
    ],
    close: async () => {
      normal.close()
      full.close()
    },
  }
}

interface OneSession {
  load(): void
  save(index: number): void
  both(index: number): void
  close(): void
}

function oneSession(store: SqliteStore | undefined): OneSession | undefined {
  if (!store) return undefined
  const key = newKey()
  const expiry = (): number => Date.now() + 30 * 60_000
  store.create(key, values, expiry())
  const load = (): Record<string, unknown> => {
    const session = store.load(key)
    if (!session) throw new Error('The session is lost.')
    return session
  }
  return {
    load: () => void load(),
    save: (index) => store.save(key, { ...values, token: tokens[index % 2] }, expiry()),
    both: (index) => store.save(key, { ...load(), token: tokens[index % 2] }, expiry()),
    close: () => store.close(),
  }
}
