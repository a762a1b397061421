import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { type RedisStore, redisStore } from '../../../src/redis.ts'
import { testConformance } from '../../testing/run-cases.ts'
import type { Driver, Opened } from './clients.ts'

/** All cases of the conformance suite, over one driver. */
export function keepsTheContract(name: string, driver: Driver, port: number): void {
  // One after the other, as each of them removes all keys in the end; the cases of each at the same time.
  describe(`the Redis store keeps the contract over ${name}`, () => {
    let opened: Opened
    beforeAll(async () => {
      opened = await driver(port)
    })
    afterAll(async () => {
      // Listings look at all keys of a server.
      await opened.flush()
      await opened.close()
    })
    const over = (prefix: string): RedisStore => redisStore({ client: opened.client, prefix })
    describe.concurrent('in each case', () => {
      testConformance({
        open: () => over(`${randomUUID()}:`),
        reopen: (store) => over(store.prefix),
        without: { sweep: 'Redis removes expired sessions by itself' },
      })
    })
  })
}
