import { test } from 'vitest'
import { temporaryDirectory } from '../../../../support/directory.ts'
import { describeWith } from '../../../../support/servers/needed.ts'
import { startRedis } from '../../../../support/servers/redis.ts'
import { openHere } from './open-here.ts'
import { roll } from './roll.ts'

await describeWith('from files to Redis', startRedis, ({ url }) => {
  test('nobody is signed out and no count is lost, while processes are restarted and die', async () => {
    const places = { from: `file:${temporaryDirectory()}`, to: url }
    const [from, to] = [await openHere(places.from), await openHere(places.to)]
    await roll(places, from, to)
  }, 300_000)
})
