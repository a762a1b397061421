import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../../src/index.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { DRIVERS } from './clients.ts'
import { between, connect, openStore } from './on-redis.ts'

const DEADLINE = 200

await describeWith('what comes to Redis after its deadline', startRedis, ({ port, pid }) => {
  test.each(Object.entries(DRIVERS))('is void: a server that stood still, over %s', async (_, driver) => {
    const { client, close } = await driver(port)
    try {
      const patient = openStore(client)
      const store = openStore(client, { deadline: `${DEADLINE}ms`, prefix: patient.prefix })
      const [known, unknown] = [newKey(), newKey()]
      await patient.create(known, newRecord({ n: 0 }))
      // By what it is answered a store knows the server's clock.
      await expect.poll(() => store.load(known).catch(() => undefined)).toBeDefined()
      process.kill(pid, 'SIGSTOP')
      const late = await Promise.allSettled([
        store.save(known, { set: texts({ n: 1 }) }),
        store.create(unknown, newRecord()),
      ]).finally(() => process.kill(pid, 'SIGCONT'))
      for (const result of late) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'UNTORN_STORE_UNAVAILABLE' } })
      }
      // On the same connection: this comes after what was sent before.
      await expect
        .poll(() => patient.load(known).catch(() => undefined))
        .toMatchObject({ version: 0, values: texts({ n: 0 }) })
      expect(await patient.load(unknown)).toBeUndefined()
      expect(await patient.save(known, { set: texts({ n: 2 }) })).toMatchObject({ record: { version: 1 } })
    } finally {
      await close()
    }
  })

  test('is void for a store whose first call it is', async () => {
    const client = connect(port)
    await client.ping()
    const store = openStore(client, { deadline: `${DEADLINE}ms` })
    const key = newKey()
    process.kill(pid, 'SIGSTOP')
    await expect(store.create(key, newRecord())).rejects.toThrow(StoreUnavailableError)
    process.kill(pid, 'SIGCONT')
    await client.ping()
    expect(await openStore(client, { prefix: store.prefix }).load(key)).toBeUndefined()
  })

  test('is said to be late where the way there took that long', async () => {
    let hold = false
    const client = between(connect(port), async (pass, command, args) => {
      const deadline = Number(args[4])
      // As if it had been under way for longer than it may be.
      if (hold && command === 'evalsha' && deadline > 0) args[4] = '1'
      return pass()
    })
    const store = openStore(client)
    const key = newKey()
    await store.create(key, newRecord())
    hold = true
    await expect(store.save(key, { set: texts({ n: 1 }) })).rejects.toThrow(
      /after its deadline, and nothing was changed/,
    )
    hold = false
    expect(await store.load(key)).toMatchObject({ version: 0 })
  })

  test('is not what a clock that was set makes of it: the server’s new time is taken over, and the save tried again', async () => {
    const commands: string[] = []
    let ahead = 0
    const client = between(connect(port), async (pass, command, args) => {
      commands.push(command)
      // A server whose clock is some hours ahead: what it compares and what it says.
      if (command !== 'evalsha' || ahead === 0) return pass()
      if (args[4] !== '0') args[4] = `${Number(args[4]) - ahead}`
      const reply = (await pass()) as [string, number, unknown]
      return [reply[0], reply[1] + ahead, reply[2]]
    })
    const store = openStore(client)
    const key = newKey()
    await store.create(key, newRecord())
    for (const hours of [3, -5, 7]) {
      ahead = hours * 3_600_000
      expect(await store.save(key, { set: texts({ hours }) })).toMatchObject({ outcome: 'saved' })
    }
    expect(await store.load(key)).toMatchObject({ version: 3, values: texts({ hours: 7 }) })
  })

  test('is void even if it waited in a driver that was not connected', async () => {
    const client = connect(port, { lazyConnect: true })
    const other = openStore(connect(port))
    const store = openStore(client, { deadline: `${DEADLINE}ms`, prefix: other.prefix })
    const key = newKey()
    await other.create(key, newRecord())
    await client.connect()
    await openStore(client, { prefix: other.prefix }).save(key, { set: texts({ n: 1 }) })
    await expect.poll(() => store.load(key).catch(() => undefined)).toMatchObject({ version: 1 })
    client.disconnect()
    await expect(store.save(key, { set: texts({ n: 2 }) })).rejects.toThrow(StoreUnavailableError)
    await delay(1)
    await client.connect()
    await client.ping()
    expect(await other.load(key)).toMatchObject({ version: 1, values: texts({ n: 1 }) })
  })
})
