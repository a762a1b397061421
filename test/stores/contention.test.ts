import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { createSessions, type Session } from '../../src/index.ts'
import { moving } from '../../src/moving.ts'
import { redisStore } from '../../src/redis.ts'
import { cookieHeader } from '../sessions/visit.ts'
import { againIfSlow } from '../support/again-if-slow.ts'
import { PlainStore } from '../support/plain-store.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { inWhole } from '../support/whole.ts'
import { pgPool } from './postgres/drivers.ts'
import { openStore, watched } from './postgres/open-store.ts'
import { between, connect, openStore as onRedis } from './redis/on-redis.ts'

const AT_ONCE = inWhole(300, 120)

/** A store, and how many commands its server was sent. */
interface Counted {
  store: SessionStore
  sent(): number
}

/** One session, opened by so many requests; `place` gives each its store. */
async function opened(place: () => SessionStore, count = AT_ONCE): Promise<Session[]> {
  const first = await createSessions({ store: place() }).open(undefined)
  first.set('views', 0)
  first.set('message', 'Welcome')
  const cookie = cookieHeader(await first.commit())
  return Promise.all(Array.from({ length: count }, () => createSessions({ store: place() }).open(cookie)))
}

async function addsOne(session: Session): Promise<void> {
  session.update('views', (views: number) => views + 1)
  await session.commit()
}

/**
 * That `play` has its server sent so many commands at the most, which it gives. A turn is waited for for a second: where the machine takes
 * longer, those who wait go on all at once, and it is played again. What else is wrong is wrong on any machine.
 */
async function expectSent(most: number, play: () => Promise<number>): Promise<void> {
  let failure: { error: unknown } | undefined
  await againIfSlow(1000, async () => {
    const sent = await play().catch((error: unknown) => {
      failure = { error }
      return 0
    })
    expect(sent).toBeLessThanOrEqual(most)
  })
  if (failure !== undefined) throw failure.error
}

/** Of so many requests at once for one session, in one process. */
function takesTurns(counted: () => Promise<Counted>): void {
  test('each update is made, by one command', async () => {
    await expectSent(AT_ONCE + 5, async () => {
      const { store, sent } = await counted()
      const requests = await opened(() => store)
      const before = sent()
      await Promise.all(requests.map(addsOne))
      const all = sent() - before
      await requests[0]!.reload()
      expect(requests[0]!.get('views')).toBe(AT_ONCE)
      return all
    })
  })

  test('one gets a value that is taken, and the others are told so without a command', async () => {
    await expectSent(5, async () => {
      const { store, sent } = await counted()
      const requests = await opened(() => store)
      const before = sent()
      const taken = await Promise.all(requests.map((session) => session.take('message')))
      expect(taken.filter((message) => message === 'Welcome')).toHaveLength(1)
      return sent() - before
    })
  })

  test('a sign-in among updates gets its turn, and has those that were before it', async () => {
    await expectSent(3 * AT_ONCE - 1, async () => {
      const { store, sent } = await counted()
      const requests = await opened(() => store)
      const [login, ...others] = [requests.splice(AT_ONCE / 2, 1)[0]!, ...requests]
      const before = sent()
      const first = Promise.allSettled(others.slice(0, AT_ONCE / 2).map(addsOne))
      login.regenerate()
      login.set('user', 'ada')
      const signedIn = login.commit()
      const rest = Promise.allSettled(others.slice(AT_ONCE / 2).map(addsOne))
      expect(await signedIn).toBeDefined()
      const outcomes = [...(await first), ...(await rest)]
      const made = outcomes.filter(({ status }) => status === 'fulfilled').length
      await login.reload()
      expect(login.get('views')).toBe(made)
      expect(made).toBeGreaterThanOrEqual(AT_ONCE / 3)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'UNTORN_SESSION_GONE' })
      }
      return sent() - before
    })
  })
}

describe('a store that answers later', () => {
  takesTurns(async () => {
    const store = new PlainStore({ slow: true })
    return { store, sent: () => store.calls.length }
  })
})

test('without turns it would be a storm: the same from as many processes', async () => {
  const store = new PlainStore({ slow: true })
  const requests = await opened(
    () =>
      Object.create(store, {
        save: { value: store.save.bind(store) },
        load: { value: store.load.bind(store) },
        create: { value: store.create.bind(store) },
      }),
    40,
  )
  store.counted()
  await Promise.allSettled(requests.map(addsOne))
  expect(store.counted()).toBeGreaterThan(10 * 40)
})

await describeWith('Redis', startRedis, ({ port }) => {
  const counted = async (): Promise<Counted> => {
    let commands = 0
    const client = between(connect(port), (pass) => {
      commands++
      return pass()
    })
    return { store: onRedis(client), sent: () => commands }
  }
  takesTurns(counted)

  test.each(['from', 'to'] as const)(
    'the first saves of a session, while it moves, write to %s',
    async (writeTo) => {
      let commands = 0
      const client = between(connect(port), (pass) => {
        commands++
        return pass()
      })
      const from = onRedis(client)
      const store = moving({ from, to: redisStore({ client, prefix: `${Math.random()}:` }), writeTo })
      const sessions = createSessions({ store })
      const first = await createSessions({ store: from }).open(undefined)
      first.set('views', 0)
      const cookie = cookieHeader(await first.commit())
      const requests = await Promise.all(Array.from({ length: AT_ONCE }, () => sessions.open(cookie)))
      commands = 0
      await Promise.all(
        requests.map((session, at) => {
          session.set(`item${at % 50}`, at)
          return session.commit()
        }),
      )
      expect(commands).toBeLessThan(4 * AT_ONCE)
      await requests[0]!.reload()
      expect(requests[0]!.keys()).toHaveLength(51)
    },
  )
})

await describeWith('PostgreSQL', startPostgres, ({ url }) => {
  takesTurns(async () => {
    let statements = 0
    const pool = watched(pgPool(url), () => {
      statements++
      return undefined
    })
    const { store } = await openStore({ pool })
    return { store, sent: () => statements }
  })
})
