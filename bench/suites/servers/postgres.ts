import { packageVersion } from '../../measure/machine.ts'
import { measure } from '../../measure/rounds.ts'
import { aroundServer } from './around.ts'
import { makeTable } from './pairs.ts'
import { about, merged, type Part, shortened } from './plan.ts'
import { postgresOperations } from './postgres-calls.ts'
import { postgresDisk } from './postgres-disk.ts'
import { postgresDrivers } from './postgres-drivers.ts'
import { POSTGRES_LANES, postgresNames } from './postgres-lanes.ts'
import { postgresSweep } from './postgres-sweep.ts'
import { serverCpu } from './server-cpu.ts'
import { shareTarget, throughputRows } from './throughput.ts'

export const measurePostgres: Part = async ({ url, pid }, plan, progress) => {
  await makeTable(url)
  const { operations, close } = await postgresOperations(url, plan.called)
  const samples = await measure(shortened(operations, plan), plan.calls, about('PostgreSQL', progress))
  const { select, load, update, save } = postgresNames('pg', 16)
  const names = [select, load, update, save]
  const cpu = await serverCpu(pid, operations, { calls: plan.efforts, names })
  await close()
  const targets = postgresDrivers.flatMap((name) =>
    POSTGRES_LANES.flatMap((lanes) => {
      const { select, update, load, save } = postgresNames(name, lanes)
      return [shareTarget(samples, load, select), shareTarget(samples, save, update)]
    }),
  )
  return merged([
    { rows: [...throughputRows(operations, samples), ...cpu], targets },
    await aroundServer('PostgreSQL', url, plan, progress),
    { rows: await postgresSweep(url, plan.sessions) },
    { rows: await postgresDisk(url, plan.sessions, plan.saves) },
    { notes: notes(samples.get(operations[0]!.name)!.length, plan) },
    {
      versions: {
        pg: packageVersion('pg'),
        'postgres.js': packageVersion('postgres'),
        'connect-pg-simple': packageVersion('connect-pg-simple'),
      },
    },
  ])
}

function notes(rounds: number, { sessions, saves }: { sessions: number; saves: number }): string[] {
  return [
    `PostgreSQL: ${rounds} rounds, in the same way; so many at a time, each over a connection of its own. It has the ` +
      'settings of its initdb: fsync and synchronous_commit are on, so that a save waits for the disk.',
    'The bare calls are prepared statements by the primary key of a table with a key and a text.',
    `Disk: ${sessions.toLocaleString('en')} sessions in a new table, the indexes included. The log: ${saves} saves of ` +
      'different sessions, right after a checkpoint (a page that is changed for the first time is written whole), and ' +
      'the same once more.',
  ]
}
