import { afterAll, beforeAll, expect, test } from 'vitest'
import { againIfHeldUp } from '../../support/again-if-slow.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { Table } from '../races/table.ts'
import { Application, DEADLINE, type Policy } from './application.ts'
import { cutAtOnce, cutInASave } from './cut-saves.ts'
import type { Connect } from './drivers.ts'
import { awayForAWhile } from './lasting.ts'
import { BreakableServer, type Start } from './server.ts'
import { type Behind, cuts, outages } from './ways.ts'

const POLICIES: readonly Policy[] = ['fail', 'anonymous']

/** Milliseconds: many times what it takes, for a slow machine. */
const LONGEST_TEST = 600_000

interface Failure {
  title: string
  /** Nothing else may use the server meanwhile. */
  alone?: boolean
  run(behind: Behind, applications: readonly Application[]): Promise<void>
}

const failures: readonly Failure[] = [
  ...outages.map((outage) => ({
    title: outage.title,
    alone: outage.toServer === true,
    run: (behind: Behind, applications: readonly Application[]) =>
      awayForAWhile(outage, behind, applications),
  })),
  ...cuts.map((when) => ({
    title: `the connection breaks ${when} a save`,
    run: oneAfterTheOther((behind, application) => cutInASave(when, behind, application)),
  })),
  { title: 'all connections break while many save', run: oneAfterTheOther(cutAtOnce) },
]

/** What becomes of applications whose server fails: over each driver, with both policies. */
export async function outageTests(
  name: string,
  start: Start,
  drivers: Record<string, Connect>,
): Promise<void> {
  const table = new Table(Object.keys(drivers))
  await describeWith(
    name,
    () => BreakableServer.start(start),
    (first) => {
      const servers = new Map<string, BreakableServer>()

      beforeAll(async () => {
        for (const driver of Object.keys(drivers)) {
          const server = servers.size === 0 ? first : (await BreakableServer.start(start)).server!
          servers.set(driver, server)
        }
      })
      afterAll(async () => {
        for (const server of servers.values()) if (server !== first) await server.stop()
        console.log(table.text([{ group: name, races: failures }]))
      })

      const withServers =
        ({ title, run }: Failure) =>
        async () => {
          const runs = Object.entries(drivers).map(async ([driver, connect]) => {
            await againIfHeldUp(DEADLINE, (deadline) => staged(servers.get(driver)!, connect, run, deadline))
            table.passed(`${name} ${title}`, driver)
          })
          // At the same time: most of it is waiting, and they have nothing in common. All of them come to their end.
          const results = await Promise.allSettled(runs)
          for (const [at, result] of results.entries()) {
            if (result.status === 'rejected') throw withDriver(Object.keys(drivers)[at]!, result.reason)
          }
        }
      for (const failure of failures) {
        // Most of it is waiting.
        const run = failure.alone ? test : test.concurrent
        run(failure.title, { timeout: LONGEST_TEST }, withServers(failure))
      }
    },
  )
}

function oneAfterTheOther(run: (behind: Behind, application: Application) => Promise<void>): Failure['run'] {
  return async (behind, applications) => {
    for (const application of applications) await run(behind, application)
  }
}

async function staged(
  server: BreakableServer,
  connect: Connect,
  run: Failure['run'],
  deadline: number,
): Promise<void> {
  const proxy = await startTcpProxy(server.port)
  const applications: Application[] = []
  try {
    for (const policy of POLICIES)
      applications.push(await Application.start(policy, connect, proxy.port, { deadline }))
    await run({ server, proxy }, applications)
    for (const { asked, answered } of applications) expect(answered).toBe(asked)
  } finally {
    server.thaw()
    // What a driver still waits for gets an end.
    proxy.cut()
    await Promise.all(applications.map((application) => application.close()))
    await proxy.close()
  }
}

function withDriver(driver: string, error: unknown): unknown {
  if (error instanceof Error) error.message = `${driver}: ${error.message}`
  return error
}
