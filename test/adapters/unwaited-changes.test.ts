import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FetchMount } from '../../src/adapters/fetch/mount.ts'
import { type LeftSession, UnwaitedChanges } from '../../src/adapters/request/unwaited-changes.ts'
import { cookieFor } from '../../src/in-tests/cookie-for.ts'
import type { AnyData } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { gate } from '../../src/testing/adapter/gate.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

type State = ReturnType<LeftSession['state']>

interface Left extends LeftSession {
  /** What is told of the session; it is stored, and changed, if it is not said otherwise. */
  readonly is: {
    standing: { kind: string }
    changed: boolean
    values: object
    busy: Promise<void> | undefined
  }
  looks: number
  saves: number
  told: unknown[]
}

function left(is: Partial<Left['is']> = {}, saving: () => Promise<void> = async () => {}): Left {
  const session: Left = {
    is: { standing: { kind: 'stored' }, changed: true, values: {}, busy: undefined, ...is },
    ...{ looks: 0, saves: 0, told: [] },
    state() {
      session.looks++
      return session.is as unknown as State
    },
    save() {
      session.saves++
      return saving()
    },
    report: (error) => void session.told.push(error),
  }
  return session
}

/** The same, once looks have begun. */
function lookedAt(...of: Parameters<typeof left>): Left {
  const session = left(...of)
  new UnwaitedChanges(session).lookAgain()
  return session
}

const A_MINUTE = 60_000

test('looks are many at first, and few later', async () => {
  const session = lookedAt()
  await vi.advanceTimersByTimeAsync(1500)
  expect(session.saves).toBe(4)
  await vi.advanceTimersByTimeAsync(A_MINUTE)
  expect(session.saves).toBe(15)
})

test('what is not changed is not saved', async () => {
  const session = lookedAt({ changed: false })
  await vi.advanceTimersByTimeAsync(A_MINUTE)
  expect(session.saves).toBe(0)
})

test.each(['fresh', 'replaced', 'gone', 'detached'])('what is %s is not looked at', async (kind) => {
  const session = lookedAt({ standing: { kind } })
  expect(session.looks).toBe(1)
  await vi.advanceTimersByTimeAsync(A_MINUTE)
  expect(session.looks).toBe(1)
})

test('what is being stored is, and what has gone meanwhile is not any more', async () => {
  const session = lookedAt({ standing: { kind: 'fresh' }, busy: Promise.resolve() })
  await vi.advanceTimersByTimeAsync(100)
  Object.assign(session.is, { standing: { kind: 'stored' }, busy: undefined })
  await vi.advanceTimersByTimeAsync(200)
  expect(session.saves).toBe(2)
  Object.assign(session.is, { standing: { kind: 'gone' }, changed: false })
  await vi.advanceTimersByTimeAsync(400)
  const { looks } = session
  await vi.advanceTimersByTimeAsync(A_MINUTE)
  expect([session.looks, session.saves]).toEqual([looks, 2])
})

test('a look waits for the save of the one before', async () => {
  const answer = gate()
  const session = lookedAt({}, () => answer.opened)
  await vi.advanceTimersByTimeAsync(A_MINUTE)
  expect(session.saves).toBe(1)
  answer.open()
  await vi.advanceTimersByTimeAsync(200)
  expect(session.saves).toBe(2)
})

test('what fails is tried by each look, and told by the last', async () => {
  const session = lookedAt({}, () => Promise.reject(new Error('the store is away, as its test wants it')))
  await vi.advanceTimersByTimeAsync(50_000)
  expect([session.saves, session.told.length]).toEqual([14, 0])
  await vi.advanceTimersByTimeAsync(A_MINUTE)
  expect([session.saves, session.told.length]).toEqual([15, 1])
})

test('a look keeps no process alive', () => {
  // Around a fake one it would bring that back with the next `vi.restoreAllMocks()`, of whatever file.
  vi.useRealTimers()
  const timers = vi.spyOn(globalThis, 'setTimeout')
  lookedAt()
  const timer: NodeJS.Timeout = timers.mock.results[0]?.value
  timers.mockRestore()
  expect(timer.hasRef()).toBe(false)
})

test('what is looked at already is looked at once', async () => {
  const session = left()
  const changes = new UnwaitedChanges(session)
  changes.lookAgain()
  changes.lookAgain()
  await vi.advanceTimersByTimeAsync(100)
  expect(session.saves).toBe(1)
})

test('of more than a thousand the first are let go, also those whose save is under way', async () => {
  const answer = gate()
  const first = lookedAt({}, () => answer.opened)
  await vi.advanceTimersByTimeAsync(100)
  const others = Array.from({ length: 1001 }, () => lookedAt())
  await vi.advanceTimersByTimeAsync(100)
  expect(others.map(({ saves }) => saves)).toEqual([0, ...Array(1000).fill(1)])
  for (const { is } of others) is.standing.kind = 'gone'
  answer.open()
  await vi.advanceTimersByTimeAsync(1000)
  expect(first.saves).toBe(1)
})

test('a session that is first asked for when its request was given up is looked at from then on', async () => {
  const store = memoryStore()
  const mount = new FetchMount<AnyData>(
    { store },
    () => store,
    (usual) => ({ ...usual, leavesHandlers: true }),
  )
  const cookie = await cookieFor(mount.sessions, { cart: ['tea'] }, { secure: true })
  const request = new Request('https://shop.example/', { headers: { cookie }, signal: AbortSignal.abort() })
  const session = mount.of(request)
  await session.commitAnswer()
  const cart = session.plain.cart as string[]
  cart.push('milk')
  await vi.advanceTimersByTimeAsync(100)
  for await (const [, record] of store.records()) expect(record.values.get('cart')).toBe('["tea","milk"]')
})
