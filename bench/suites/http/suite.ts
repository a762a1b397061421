import type { Started } from '../../../test/support/servers/throw-away.ts'
import { alternate, type Duration } from '../../measure/alternate.ts'
import { packageVersion } from '../../measure/machine.ts'
import type { Measured, Suite, SuiteContext } from '../../suite.ts'
import { type Candidate, candidates, type Kind, kinds, names } from './candidates.ts'
import { type Databases, databaseOf, startDatabases, stopDatabases } from './databases.ts'
import { rowsOf, type SlicesOf, targetsOf } from './figures.ts'
import { CONNECTIONS } from './load.ts'
import { Running, type Warming } from './running.ts'

interface Plan extends Duration {
  kinds: readonly Kind[]
  /** Of each server, before anything is measured. */
  warming: Warming
  /** Seconds of load on one candidate at a time. */
  slice: number
}

const LONG: Plan = {
  kinds: Object.values(kinds),
  warming: { requests: 12_000, seconds: 6 },
  warmUp: 0,
  rounds: 9,
  seconds: 270,
  slice: 1,
}
const QUICK: Plan = {
  kinds: [kinds.read, kinds.change],
  warming: { requests: 3000, seconds: 1.2 },
  warmUp: 0,
  rounds: 3,
  seconds: 15,
  slice: 0.15,
}

export const httpSuite: Suite = {
  name: 'http',
  title: 'Whole requests',
  async run(context) {
    const databases = await startDatabases(context.directory)
    try {
      return await measureWith(databases, context)
    } finally {
      await stopDatabases(databases)
    }
  },
}

async function measureWith(databases: Databases, context: SuiteContext): Promise<Measured> {
  const { quick, directory, progress } = context
  const plan = quick ? QUICK : LONG
  const running: Running[] = []
  try {
    for (const candidate of candidates) {
      const database = databaseFor(candidate, databases)
      if (database?.missing) continue
      progress(0, 100, `starting ${candidate.name}`)
      const server = await Running.start(candidate, directory, database?.server?.url)
      running.push(server)
      await server.warmUp(plan.warming)
    }
    const takes = running.flatMap((server) =>
      plan.kinds.map((kind) => ({
        name: nameOf(server.candidate.name, kind),
        take: () => server.slice(kind, plan.slice),
      })),
    )
    const samples = await alternate(takes, plan, progress)
    const slices: SlicesOf = (name, kind) => samples.get(nameOf(name, kind))!
    const measured = running.map(({ candidate }) => candidate)
    return {
      rows: rowsOf(measured, plan.kinds, slices),
      targets: targetsOf(slices),
      notes: notes(plan, slices(names.express, kinds.read).length),
      skipped: [
        ...candidates.flatMap((candidate) => {
          const missing = databaseFor(candidate, databases)?.missing
          return missing ? [`${candidate.name.replace('Express: ', '')}: ${missing}`] : []
        }),
        ...Object.values(kinds).flatMap((kind) =>
          plan.kinds.includes(kind) ? [] : [`${kind.name}: not with --quick`],
        ),
        ...(quick ? ['servers as fast as they get: that takes more requests than --quick makes'] : []),
      ],
      versions: versions(databases),
    }
  } finally {
    await Promise.all(running.map((server) => server.stop()))
  }
}

function databaseFor({ keeping }: Candidate, databases: Databases): Started | undefined {
  const name = databaseOf[keeping]
  return name && databases[name]
}

function nameOf(candidate: string, kind: Kind): string {
  return `${kind.name}, ${candidate}`
}

function notes({ slice }: Plan, rounds: number): string[] {
  return [
    `${rounds} slices of ${slice} s for each candidate and kind of request, on ${CONNECTIONS} connections, each with a ` +
      'session of its own; each server in a process of its own, with NODE_ENV=production; the load comes from the ' +
      'same machine. After each slice a request looks whether a session holds what it should.',
    'To read answers with the name in a session of 400 bytes, to change sets its token to a new value. Servers without ' +
      'sessions get the same requests, the cookie included, and answer the same.',
    'Express changes the prototype of each request and response, which then has a hidden class of its own in V8. The ' +
      "middleware of untorn undoes that, and makes Express faster by more than a session may cost; 'shared hidden " +
      "classes' is Express without sessions and with that alone.",
    "express-session as its documentation recommends: resave: false, saveUninitialized: false; the stores' own defaults, " +
      'so that each request that changes nothing still extends the life of its session, a write of the store. ' +
      'MemoryStore is not for production, as its documentation says.',
    'Redis on the loopback keeps nothing on the disk (save "", appendonly no). PostgreSQL on the loopback has the ' +
      "settings of its initdb: fsync is on, so that a change waits for the disk, as with untorn's durability 'disk'.",
    'untorn on Redis and PostgreSQL: over the same drivers, with its own defaults.',
    "The server's CPU is that of the Node.js process with all its threads; what Redis and PostgreSQL use beside it is " +
      'not in it.',
    'The delay of the event loop: how long a message that another thread sends every 5 ms waits until it is received.',
  ]
}

function versions(databases: Databases): Record<string, string> {
  const packages = [
    'express',
    'express-session',
    'session-file-store',
    'connect-redis',
    'redis',
    'connect-pg-simple',
    'pg',
    'autocannon',
  ]
  const servers = { Redis: databases.redis, PostgreSQL: databases.postgres }
  return {
    ...Object.fromEntries(packages.map((name) => [name, packageVersion(name)])),
    ...Object.fromEntries(
      Object.entries(servers).flatMap(([name, { server }]) => (server ? [[name, server.version]] : [])),
    ),
  }
}
