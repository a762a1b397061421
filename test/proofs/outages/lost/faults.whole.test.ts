import { expect, onTestFinished, test } from 'vitest'
import { describeWith } from '../../../support/servers/needed.ts'
import { startRedis } from '../../../support/servers/redis.ts'
import { Application } from '../application.ts'
import { redisDrivers } from '../drivers.ts'
import { type Fault, faults } from './faults.ts'
import { loseEach } from './lose.ts'
import { routes } from './routes.ts'

const connect = redisDrivers['node-redis']!

await describeWith('a lost answer shows a store in which', startRedis, ({ port }) => {
  const found = async (title: string, wrong: Fault['wrong']) => {
    const probe = await Application.start('fail', connect, port, { deadline: 30_000 })
    onTestFinished(() => probe.close())
    const route = routes.find((one) => one.title === title)!
    return loseEach({ route, policy: 'fail', ways: ['cut'], wrong }, { connect, port, probe })
  }

  for (const { fault, wrong, shownBy } of faults) {
    test(fault, async () => {
      expect(await found(shownBy, wrong)).not.toEqual([])
    })
  }
})
