import { beforeEach, describe, expect, it } from 'vitest'
import { createSessions, type Session, type Sessions, type SessionsOptions } from '../../src/index.ts'
import { cookieHeader } from '../sessions/visit.ts'
import { CountingStore } from './counting-store.ts'

/*
 * What a request costs over a store far away: round trips, and in brackets calls, of which those side by side are one round
 * trip; then what is done once it has its answer. Not timed: a step more in a protocol is seen here.
 */

let counting: CountingStore
let sessions: Sessions

beforeEach(() => began())

function began(options: Partial<SessionsOptions> = {}): void {
  counting = new CountingStore()
  sessions = createSessions({ store: counting.store, ...options } as SessionsOptions)
}

/** A request with this cookie: the cookie that its client has afterwards. */
async function request(cookie: string | undefined, handler: (session: Session) => unknown) {
  const session = (await sessions.open(cookie)) as Session
  await handler(session)
  const line = await session.commit()
  return line === undefined ? cookie! : cookieHeader(line)
}

async function costOf(work: () => Promise<unknown>): Promise<string> {
  await counting.takeAll()
  await work()
  const [before, after] = [counting.take(), await counting.takeAll()]
  const text = ({ trips, calls }: typeof before) => `${trips} (${calls})`
  return after.calls === 0 ? text(before) : `${text(before)}, then ${text(after)}`
}

const login = (session: Session) => session.login('ada')

async function devices(count: number): Promise<string[]> {
  const cookies: string[] = []
  for (let n = 0; n < count; n++) cookies.push(await request(undefined, login))
  return cookies
}

describe('a session that somebody has signed in to', () => {
  it('is read by one call', async () => {
    const [cookie] = await devices(1)
    expect(await costOf(() => request(cookie, (session) => session.get('cart')))).toBe('1 (1)')
  })

  it('is changed by two', async () => {
    const [cookie] = await devices(1)
    expect(await costOf(() => request(cookie, (session) => session.set('cart', 1)))).toBe('2 (2)')
  })
})

describe('a sign-in', () => {
  it('without a session before it', async () => {
    expect(await costOf(() => request(undefined, login))).toBe('3 (5)')
  })

  it('of a visitor who had a session', async () => {
    const cookie = await request(undefined, (session) => session.set('cart', 1))
    expect(await costOf(() => request(cookie, login))).toBe('6 (8), then 1 (1)')
  })

  it('of who was signed in', async () => {
    const [cookie] = await devices(1)
    expect(await costOf(() => request(cookie, login))).toBe('6 (8), then 2 (2)')
  })

  it('below a limit', async () => {
    began({ maxPerOwner: 5 })
    await devices(3)
    expect(await costOf(() => request(undefined, login))).toBe('3 (5)')
  })

  it('above a limit, that ends the oldest', async () => {
    began({ maxPerOwner: 3 })
    await devices(3)
    expect(await costOf(() => request(undefined, login))).toBe('6 (10), then 1 (1)')
  })

  it('above a limit, that is refused', async () => {
    began({ maxPerOwner: 3, onMaxPerOwner: 'refuse' })
    await devices(3)
    const refused = () => expect(request(undefined, login)).rejects.toThrow()
    expect(await costOf(refused)).toBe('5 (9), then 1 (1)')
  })
})

describe('a new id', () => {
  it('of a session without an owner', async () => {
    const cookie = await request(undefined, (session) => session.set('cart', 1))
    expect(await costOf(() => request(cookie, (session) => session.rotate()))).toBe('5 (5)')
  })

  it('of one with an owner', async () => {
    const [cookie] = await devices(1)
    expect(await costOf(() => request(cookie, (session) => session.rotate()))).toBe('6 (7), then 1 (1)')
  })

  it('as its visitor was asked who they are', async () => {
    const [cookie] = await devices(1)
    expect(await costOf(() => request(cookie, (session) => session.confirm()))).toBe('6 (7), then 1 (1)')
  })
})

describe('a sign-out', () => {
  it('with the own id', async () => {
    const [cookie] = await devices(1)
    expect(await costOf(() => request(cookie, (session) => session.logout()))).toBe('2 (3), then 1 (1)')
  })

  it('with an id that was replaced', async () => {
    const [cookie] = await devices(1)
    await request(cookie, (session) => session.rotate())
    expect(await costOf(() => request(cookie, (session) => session.logout()))).toBe('4 (5), then 1 (1)')
  })
})

describe('ten devices', () => {
  it('are listed by two round trips', async () => {
    const [cookie] = await devices(10)
    expect(await costOf(() => sessions.list('ada'))).toBe('2 (11)')
    expect(await costOf(() => request(cookie, (session) => session.devices()))).toBe('3 (12)')
  })

  it('are ended by one call, and ten side by side', async () => {
    await devices(10)
    expect(await costOf(async () => sessions.revokeAll('ada'))).toBe('2 (11), then 1 (1)')
  })

  it('are ended but for one', async () => {
    const [cookie] = await devices(10)
    const others = () => request(cookie, (session) => session.revokeOthers())
    expect(await costOf(others)).toBe('4 (12), then 1 (1)')
  })

  it('one of them is ended', async () => {
    await devices(10)
    const [device] = await sessions.list('ada')
    expect(await costOf(async () => sessions.revoke('ada', device!.handle))).toBe('3 (3), then 1 (1)')
  })
})
