import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import { type RedisClient, type RedisStore, type RedisStoreOptions, redisStore } from '../../../src/redis.ts'

/**
 * A store of the test's own, by a client that is closed after it. It waits for as long as a busy machine takes, where the
 * test is not about that.
 */
export function openStore(client: RedisClient, options: Omit<RedisStoreOptions, 'client'> = {}): RedisStore {
  const store = redisStore({
    client,
    prefix: `${randomUUID()}:`,
    deadline: '50s',
    onEvent: () => {},
    ...options,
  })
  onTestFinished(() => store.close())
  return store
}

/** A client that is closed after the test, and ends nothing where its connection breaks. */
export function connect(port: number, options: object = {}): Redis {
  const client = new Redis({ host: '127.0.0.1', port, ...options })
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

/** A client that does something of its own with each command: `pass` sends it on. */
export function between(
  client: Redis,
  call: (pass: () => Promise<unknown>, command: string, args: string[]) => Promise<unknown>,
): RedisClient {
  return { call: (command, args) => call(() => client.call(command, args), command, args) }
}
