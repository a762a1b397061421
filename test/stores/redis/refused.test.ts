import { Cluster, Redis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { InvalidOptionError } from '../../../src/index.ts'
import { type RedisClient, type RedisStoreOptions, redisStore } from '../../../src/redis.ts'

const sends = { call: async () => [] }

function refusal(options: unknown): InvalidOptionError {
  try {
    redisStore(options as RedisStoreOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError)
    return error as InvalidOptionError
  }
  throw new Error('It was not refused.')
}

describe('options that a Redis store can’t use are refused at once', () => {
  test.each<[unknown, option: string, says: RegExp]>([
    [undefined, 'options', /an object is needed, not undefined/],
    [{}, 'client', /client of Redis/],
    [{ client: null }, 'client', /client of Redis/],
    [{ client: 'redis://localhost' }, 'client', /client of Redis/],
    [{ client: Promise.resolve(sends) }, 'client', /await the client/],
    [{ client: {} }, 'client', /lacks the call .*`sendCommand`.*`call`.*`customCommand`/],
    [{ client: { get: () => {}, set: () => {} } }, 'client', /lacks the call/],
    [{ client: { sendCommand: () => {} } }, 'client', /`sendCommand` is not that of node-redis 4/],
    [
      { client: { isOpen: true, sendCommand: () => {}, masters: [] } },
      'client',
      /lacks the call `nodeClient`/,
    ],
    [{ client: { ...sends, isCluster: true } }, 'client', /lacks the call `nodes`/],
    [{ client: sends, prefix: 7 }, 'prefix', /text/],
    [{ client: sends, prefix: '{app}:' }, 'prefix', /hash tag/],
    [{ client: sends, prefix: 'a{b}' }, 'prefix', /hash tag/],
    [{ client: sends, prefix: 'half \ud83e' }, 'prefix', /surrogate/],
    [{ client: sends, deadline: 0 }, 'deadline', /length of time above nothing/],
    [{ client: sends, deadline: 5 }, 'deadline', /write '5m' or '5s', or '5ms'/],
    [{ client: sends, onEvent: 'log' }, 'onEvent', /function/],
    [{ client: sends, ttl: 5 }, 'ttl', /there are client, prefix, deadline, onEvent/],
  ])('%o', (options, option, says) => {
    expect(refusal(options)).toMatchObject({ option, message: expect.stringMatching(says) })
  })

  test('a client of a cluster that reads from replicas', () => {
    const client = new Cluster([{ host: '127.0.0.1', port: 1 }], { scaleReads: 'slave', lazyConnect: true })
    onTestFinished(() => client.disconnect())
    expect(refusal({ client }).message).toContain('scaleReads')
  })

  test('a client of node-redis with a prefix of its own, which its raw commands do not get', () => {
    const client = createClient({ keyPrefix: 'app:' })
    expect(refusal({ client }).message).toContain('keyPrefix')
  })

  test('and what can be used is not', () => {
    const lazy = new Redis({ lazyConnect: true })
    for (const client of [sends, createClient(), lazy] as RedisClient[]) {
      for (const prefix of ['', 'app:', '{', 'a}{b', '{}x']) redisStore({ client, prefix })
    }
  })
})
