import { expect, test } from 'vitest'
import type { PostgresStore } from '../../../../../src/postgres.ts'
import { temporaryDirectory } from '../../../../support/directory.ts'
import { describeWith, serverOrSkip } from '../../../../support/servers/needed.ts'
import { startPostgres } from '../../../../support/servers/postgres.ts'
import { startRedis } from '../../../../support/servers/redis.ts'
import { openHere } from './open-here.ts'
import { roll } from './roll.ts'

await describeWith('to PostgreSQL', startPostgres, ({ url }) => {
  test('from files: nobody is signed out and no count is lost, while processes are restarted and die', async () => {
    const places = { from: `file:${temporaryDirectory()}`, to: url }
    const to = (await openHere(url)) as PostgresStore
    await to.createTable()
    await roll(places, await openHere(places.from), to)
  }, 300_000)

  test('from Redis: nobody is, either', async ({ skip }) => {
    const redis = await serverOrSkip(startRedis, skip)
    const to = (await openHere(url)) as PostgresStore
    await to.createTable()
    for await (const [key] of to.records()) expect(await to.delete(key)).toBe(true)
    await roll({ from: redis.url, to: url }, await openHere(redis.url), to)
  }, 300_000)
})
