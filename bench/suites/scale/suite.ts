import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { alternate, type Duration } from '../../measure/alternate.ts'
import { type Child, forked } from '../../measure/children.ts'
import type { Measured, Suite, SuiteContext } from '../../suite.ts'
import {
  count,
  type Filler,
  fill,
  forgetMark,
  missingRoom,
  type Population,
  population,
  remove,
} from './fill.ts'
import { label } from './population.ts'
import { type Grown, measuredOf, type Sweep } from './results.ts'
import type { Served, ServeOrder, Timed } from './server.ts'

interface Plan extends Duration {
  sizes: number[]
  /** Milliseconds of requests alone, to compare the sweep's with. */
  serving: number
  /** At most, of each size. */
  sweeps: number
  /** Lets the system write all of it first. */
  sync: boolean
}

const LONG: Plan = {
  warmUp: 5,
  rounds: 300,
  seconds: 40,
  sizes: [1000, 100_000, 1_000_000],
  serving: 3000,
  sweeps: 5,
  sync: true,
}
const QUICK: Plan = {
  warmUp: 3,
  rounds: 60,
  seconds: 2,
  sizes: [1000, 10_000],
  serving: 400,
  sweeps: 1,
  sync: false,
}

/** About two milliseconds of each. */
const TIMED: Record<Timed, number> = {
  'load, hot': 500,
  'load, cold': 80,
  'save, hot': 120,
  'save, at random': 60,
}

export const scaleSuite: Suite = {
  name: 'scale',
  title: 'From a thousand sessions to a million',
  run: measureScale,
}

async function measureScale(context: SuiteContext): Promise<Measured> {
  const { quick, directory, kept, progress } = context
  const plan = quick ? QUICK : LONG
  const root = quick ? directory : kept
  const skipped: string[] = []
  const populations = plan.sizes
    .map((sessions) => population(root, sessions))
    .filter((population) => {
      const missing = missingRoom(root, population)
      if (missing !== undefined) skipped.push(`${label(population.sessions)}: ${missing}`)
      return missing === undefined
    })
  const grown = await measureAll(populations, plan, progress)
  // Only a run that was stopped leaves them for the next one.
  for (const population of populations) await remove(population, progress)
  if (!quick) await rm(root, { recursive: true, force: true })
  return { ...measuredOf(grown), skipped }
}

type Server = Child<ServeOrder, Served>

async function measureAll(
  populations: readonly Population[],
  plan: Plan,
  progress: SuiteContext['progress'],
): Promise<Grown[]> {
  const filler: Filler = forked(new URL('filler.ts', import.meta.url))
  const servers = new Map<Population, Server>()
  try {
    const made = new Map<Population, Pick<Grown, 'creation' | 'footprint'>>()
    for (const population of populations) {
      const creation = await fill(population, filler, progress)
      made.set(population, { creation, footprint: await count(population, filler, progress) })
    }
    // What waits to be written would be written while something else is measured.
    // Without it the first calls share the disk with what is still being written: worse figures, no wrong ones.
    if (plan.sync) await promisify(execFile)('sync').catch(() => {})
    for (const population of populations)
      servers.set(population, forked(new URL('server.ts', import.meta.url)))
    const opened = [...servers].map(([{ directory, sessions }, server]) =>
      server.ask({ open: { directory, sessions } }),
    )
    await Promise.all(opened)
    const samples = await alternate(candidates(servers), plan, progress)
    const grown: Grown[] = []
    for (const [population, server] of servers) {
      const { sessions } = population
      const { memory } = await server.ask({ time: { what: 'load, hot', count: 1 } })
      const { delay } = await server.ask({ serve: { milliseconds: plan.serving } })
      grown.push({
        sessions,
        ...made.get(population)!,
        times: (what) => samples.get(nameOf(sessions, what))!,
        servingMemory: memory,
        servingDelay: delay!,
        sweeps: await sweeps(population, plan.sweeps, server, filler, progress),
      })
    }
    return grown
  } finally {
    await Promise.all([filler, ...servers.values()].map((child) => child.stop()))
  }
}

function candidates(servers: ReadonlyMap<Population, Server>): { name: string; take(): Promise<number> }[] {
  return [...servers].flatMap(([{ sessions }, server]) =>
    (Object.keys(TIMED) as Timed[]).map((what) => ({
      name: nameOf(sessions, what),
      async take() {
        const { microseconds } = await server.ask({ time: { what, count: TIMED[what] } })
        return microseconds!
      },
    })),
  )
}

function nameOf(sessions: number, what: Timed): string {
  return `${label(sessions)}: ${what}`
}

/** Several of a few sessions, which are made again in between; one of a million. */
async function sweeps(
  population: Population,
  most: number,
  server: Server,
  filler: Filler,
  progress: SuiteContext['progress'],
): Promise<Sweep[]> {
  const { sessions } = population
  const times = Math.max(1, Math.min(most, Math.floor(300_000 / sessions)))
  const done: Sweep[] = []
  for (let n = 0; n < times; n++) {
    if (n > 0) await fill(population, filler, progress)
    await wait(50) // until the last one has expired
    forgetMark(population)
    const { sweep, delay, memory } = await server.ask({ sweep: true }, (part) =>
      progress(Math.round(part * 100), 100, `sweeping ${label(sessions)}`),
    )
    if (sweep!.removed !== sessions / 2) throw new Error(`A sweep removed ${sweep!.removed} of ${sessions}.`)
    done.push({ ...sweep!, delay: delay!, memory })
  }
  return done
}
