import { randomBytes } from 'node:crypto'
import { type SessionKey, type SessionStore, type Sessions, sessionKey } from 'untorn'
import { spread } from '../../measure/statistics.ts'
import type { Row } from '../../suite.ts'
import { onLanes } from '../servers/lanes.ts'
import type { Place } from './places.ts'
import { type Data, deviceOf, newOwner, visitor } from './visits.ts'

const LANES = 8
/** Milliseconds. */
const TICK = 1

/** What calls take of an owner with so many sessions, and for how long they keep the event loop to themselves. */
export async function largeOwner(
  { name, store }: Place,
  sessions: Sessions<Data>,
  size: number,
  times: number,
): Promise<Row[]> {
  const owner = newOwner()
  const known = await deviceOf(sessions, owner)
  await multiply(store, sessions, known, size)
  let own = known
  const rows: Row[] = []
  const add = async (what: string, times: number, once: () => Promise<unknown>): Promise<void> => {
    const samples: Sample[] = []
    for (let time = 0; time < times; time++) samples.push(await sampled(once))
    const sessionsOf = size === 1 ? 'one session' : `${size.toLocaleString('en')} sessions`
    const group = (of: string) => `An owner with ${sessionsOf}: ${of}`
    const row = (of: string, field: keyof Sample): Row => ({
      group: group(of),
      name: `${name}: ${what}`,
      unit: 'ms',
      value: spread(samples.map((sample) => sample[field])),
    })
    rows.push(row('what calls take', 'took'), row('longest pause of the event loop', 'pause'))
  }
  await add('a read', times, () => visitor(sessions, known, (session) => session.get('cart')))
  await add('a sign-in', times, async () => {
    own = await deviceOf(sessions, owner)
  })
  await add('a new id', times, async () => {
    own = await visitor(sessions, own, (session) => session.rotate())
  })
  await add('a list', Math.min(times, 3), async () => {
    if ((await sessions.list(owner)).length < size) throw new Error('A device is missing.')
  })
  await add('a sign-out', 1, () => visitor(sessions, own, (session) => session.logout()))
  await add('an end of all', 1, async () => sessions.revokeAll(owner))
  if ((await sessions.list(owner)).length > 0) throw new Error('A device was not ended.')
  return rows.sort((one, other) => (one.group < other.group ? -1 : Number(one.group > other.group)))
}

/**
 * Makes many sessions of one, under keys and names of their own: to sign in so often would take the time that is asked for
 * here, again and again.
 */
async function multiply(
  store: SessionStore,
  sessions: Sessions<Data>,
  cookie: string,
  size: number,
): Promise<void> {
  const { id } = await sessions.open(cookie)
  const key = sessionKey(id)
  const record = (await store.load(key))!
  const found = await ownersRecord(store, key)
  const signIn = found.entry.split(' ')[1]!
  const set = new Map<string, string>()
  await onLanes(LANES, size - 1, async () => {
    const own = sessionKey(random(32))
    const ownSignIn = `${random(12)}.${random(6)}`
    const values = new Map(
      [...record.values].map(([name, text]) => [name, text.replaceAll(signIn, ownSignIn)]),
    )
    await store.create(own, { ...record, values })
    for (const [name, text] of found.values)
      if (name.includes(signIn)) set.set(name.replaceAll(signIn, ownSignIn).replaceAll(key, own), text)
  })
  if (size > 1) await store.save(found.key, { set })
}

/** By what is entered there of one of their sessions. */
async function ownersRecord(store: SessionStore, key: SessionKey) {
  for await (const [found, { values }] of store.records({ all: true })) {
    const entry = [...values.keys()].find((name) => name.includes(key))
    if (entry !== undefined) return { key: found, values, entry }
  }
  throw new Error('An owner has no record.')
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

interface Sample {
  took: number
  pause: number
}

/** How long something takes, and how long others have to wait for their turn meanwhile and right after it. */
async function sampled(once: () => Promise<unknown>): Promise<Sample> {
  let pause = 0
  let watching = true
  let last = performance.now()
  // By a timer: without a wait in between this process would take a core, of which the server has need.
  const watch = (): void => {
    const now = performance.now()
    pause = Math.max(pause, now - last)
    last = now
    if (watching) setTimeout(watch, TICK)
  }
  setTimeout(watch, TICK)
  const started = performance.now()
  await once()
  const took = performance.now() - started
  // What nobody waits for comes at once behind it.
  await new Promise((resolve) => setTimeout(resolve, 20))
  watching = false
  return { took, pause }
}
