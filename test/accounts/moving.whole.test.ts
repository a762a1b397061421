import { describe } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { moveSessions, moving } from '../../src/moving.ts'
import { later } from '../adapters/support/server.ts'
import { connect, openStore } from '../stores/redis/on-redis.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startRedis } from '../support/servers/redis.ts'
import { type Place, testAccounts } from './run-cases.ts'

/** Two stores, over the same data at each call. */
type Pair = () => { from: SessionStore; to: SessionStore }

const VERBS = ['create', 'load', 'save', 'exists', 'delete'] as const

/** As of two processes, of which one writes to `from` still: each call goes to the other one of them. */
function ofBothSteps(open: Pair, stopMoving: () => Promise<void>): SessionStore {
  const steps = [moving({ ...open(), writeTo: 'from' }), moving({ ...open(), writeTo: 'to' })]
  let turn = 0
  const next = () => steps[turn++ % 2]!
  const [old, now] = steps
  const verbs = VERBS.map((verb) => [
    verb,
    (...args: never[]) => (next()[verb] as (...all: never[]) => unknown)(...args),
  ])
  return {
    ...(Object.fromEntries(verbs) as Pick<SessionStore, (typeof VERBS)[number]>),
    clearExpired: (options) => now!.clearExpired(options),
    records: (options) => now!.records(options),
    async close() {
      await stopMoving()
      await old!.close()
      await now!.close()
    },
  }
}

/** Moves all that there is, again and again, until it is stopped. */
function movedMeanwhile(open: Pair): () => Promise<void> {
  const stores = open()
  let isOver = false
  const over = (async () => {
    while (!isOver) {
      await moveSessions(stores)
      await later(1)
    }
    await stores.to.close()
  })()
  return () => {
    isOver = true
    return over
  }
}

/** An application that is in the middle of its move. */
const moves =
  (pair: () => Pair): Place =>
  () => {
    const open = pair()
    const stop = movedMeanwhile(open)
    return () => ofBothSteps(open, stop)
  }

describe('from memory to files, by processes of both steps, while everything is moved', () => {
  testAccounts(
    moves(() => {
      const [from, directory] = [memoryStore(), temporaryDirectory()]
      return () => ({ from, to: fileStore(directory, { sweepEvery: 0 }) })
    }),
    { oneOfEach: true },
  )
})

await describeWith(
  'from files to Redis, by processes of both steps, while everything is moved',
  startRedis,
  ({ port }) =>
    testAccounts(
      moves(() => {
        const directory = temporaryDirectory()
        const { prefix } = openStore(connect(port))
        return () => ({
          from: fileStore(directory, { sweepEvery: 0 }),
          to: openStore(connect(port), { prefix }),
        })
      }),
      { oneOfEach: true },
    ),
)
