import { packageVersion } from '../../measure/machine.ts'
import { measure } from '../../measure/rounds.ts'
import { aroundServer } from './around.ts'
import { about, merged, type Part, shortened } from './plan.ts'
import { REDIS_LANES, redisNames, redisOperations } from './redis-calls.ts'
import { type RedisDriver, redisDriver, redisDrivers } from './redis-drivers.ts'
import { redisMemory } from './redis-memory.ts'
import { serverCpu } from './server-cpu.ts'
import { shareTarget, throughputRows } from './throughput.ts'

export const measureRedis: Part = async ({ url, pid }, plan, progress) => {
  const drivers: RedisDriver[] = []
  const skipped: string[] = []
  for (const name of redisDrivers) {
    const driver = await redisDriver(name, url)
    if (driver) drivers.push(driver)
    else skipped.push(`${name}: its package, which is optional, has nothing for this machine`)
  }
  const operations = await redisOperations(drivers, plan.called)
  const samples = await measure(shortened(operations, plan), plan.calls, about('Redis', progress))
  const { get, load, set, script, save } = redisNames('node-redis', 64)
  const names = [get, load, set, script, save]
  const cpu = await serverCpu(pid, operations, { calls: plan.efforts, names })
  await Promise.all(drivers.map((driver) => driver.close()))
  const targets = drivers.flatMap(({ name }) =>
    REDIS_LANES.flatMap((lanes) => {
      const { get, hgetall, script, load, save } = redisNames(name, lanes)
      return [
        shareTarget(samples, load, get),
        shareTarget(samples, load, hgetall),
        shareTarget(samples, save, script),
      ]
    }),
  )
  return merged([
    { rows: [...throughputRows(operations, samples), ...cpu], targets, skipped },
    await aroundServer('Redis', url, plan, progress),
    { rows: await redisMemory(url, plan.sessions) },
    { notes: notes(samples.get(operations[0]!.name)!.length, plan.sessions) },
    {
      versions: {
        'node-redis': packageVersion('redis'),
        ioredis: packageVersion('ioredis'),
        'connect-redis': packageVersion('connect-redis'),
      },
    },
  ])
}

function notes(rounds: number, sessions: number): string[] {
  return [
    `Redis: ${rounds} rounds of all calls in a shuffled order, over one connection for each driver; so many at a time, ` +
      'each with a session of its own. Nothing is kept on the disk (save "", appendonly no).',
    `Memory: used_memory with ${sessions.toLocaleString('en')} sessions, less what it was with one.`,
  ]
}
