import { setImmediate as nextTurn } from 'node:timers/promises'
import { SessionConflictError, type SessionKey, type Sessions } from 'untorn'
import type { SyncFileStore } from 'untorn/file'
import { tokenChanges } from '../../candidates/sample.ts'
import { createSessions, fileStore } from '../../candidates/untorn.ts'
import { answerWith } from '../../measure/children.ts'
import { monotonic } from './monotonic.ts'

/** What processes do to sessions at the same time. */
export type Work = 'increment' | 'update' | 'save' | 'load'

/** A session, as the store and as a browser know it. */
export interface Contended {
  key: SessionKey
  cookie: string
}

/** Do this from one moment to another, at random to one of these sessions. */
export interface Slice {
  directory: string
  work: Work
  sessions: Contended[]
  /** By {@link monotonic}. */
  from: number
  until: number
}

/** What came of a slice. */
export interface Done {
  /** Until the end of the slice. */
  inTime: number
  /** The one that the end of the slice came upon included. */
  inAll: number
  /** Tries that met a change of another process, and were made again. */
  conflicts: number
  /** Given up, as others were faster at every try. */
  givenUp: number
}

type Counter = { n: number }

/** Operations between two turns of the event loop, about as many as a busy server does. */
const OPERATIONS_PER_TURN = 50

let store: SyncFileStore | undefined
let sessions: Sessions<Counter>

answerWith(async (slice: Slice): Promise<Done> => {
  if (!store) {
    store = fileStore(slice.directory, { sweepEvery: 0 })
    sessions = createSessions<Counter>({ store, cookie: { name: 'sid' } })
  }
  return doSlice(slice, worker(slice.work, store))
})

async function doSlice(slice: Slice, operation: Operation): Promise<Done> {
  const done: Done = { inTime: 0, inAll: 0, conflicts: 0, givenUp: 0 }
  while (monotonic() < slice.from) await nextTurn()
  const end = performance.now() + slice.until - monotonic()
  for (let turn = 1; performance.now() < end; turn++) {
    const session = slice.sessions[Math.floor(Math.random() * slice.sessions.length)]!
    const running = operation(session, done)
    const succeeded = typeof running === 'boolean' ? running : await running
    if (!succeeded) continue
    done.inAll++
    if (performance.now() <= end) done.inTime++
    if (turn % OPERATIONS_PER_TURN === 0) await nextTurn()
  }
  return done
}

/** @returns whether it succeeded */
type Operation = (session: Contended, done: Done) => boolean | Promise<boolean>

function worker(work: Work, store: SyncFileStore): Operation {
  if (work === 'increment') return ({ key }, done) => increment(store, key, done)
  if (work === 'update') return ({ cookie }, done) => update(cookie, done)
  if (work === 'save') return ({ key }) => save(store, key)
  return ({ key }) => store.load(key) !== undefined
}

async function increment(store: SyncFileStore, key: SessionKey, done: Done): Promise<boolean> {
  let record = store.load(key)
  while (record) {
    const set = new Map([['n', `${Number(record.values.get('n')) + 1}`]])
    const saving = store.save(key, { set }, { ifVersion: record.version })
    const result = saving instanceof Promise ? await saving : saving
    if (result.outcome === 'saved') return true
    if (result.outcome === 'gone') break
    done.conflicts++
    record = result.record
  }
  throw new Error('A session is lost.')
}

/** As a handler does it. */
async function update(cookie: string, done: Done): Promise<boolean> {
  const session = await sessions.open(cookie)
  let tries = 0
  session.update('n', (n = 0) => {
    tries++
    return n + 1
  })
  try {
    await session.commit()
    return true
  } catch (error) {
    if (!(error instanceof SessionConflictError)) throw error
    done.givenUp++
    return false
  } finally {
    done.conflicts += tries - 1
  }
}

let saves = 0

async function save(store: SyncFileStore, key: SessionKey): Promise<boolean> {
  const { outcome } = await store.save(key, tokenChanges[saves++ % 2]!)
  if (outcome !== 'saved') throw new Error('A save was lost.')
  return true
}
