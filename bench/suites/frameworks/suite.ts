import { alternate } from '../../measure/alternate.ts'
import { packageVersion } from '../../measure/machine.ts'
import { spread } from '../../measure/statistics.ts'
import type { Measured, Row, Suite, SuiteContext, Target } from '../../suite.ts'
import { bare, type Candidate, type FrameworkName, hasSessions, kinds } from '../http/candidates.ts'
import { overhead, rowsOf, type SlicesOf } from '../http/figures.ts'
import { OVERLAPPING } from '../http/overlapping.ts'
import { Running } from '../http/running.ts'
import { missing, versionElsewhere } from '../http/server/elsewhere/packages.ts'

const FRAMEWORKS: readonly FrameworkName[] = [
  'node:http',
  'fetch',
  'Hono',
  'Fastify',
  'Koa',
  'h3 1',
  'h3 2',
  'Elysia',
  'SvelteKit',
  'React Router',
  'TanStack Start',
  'Next.js',
]

const all: readonly Candidate[] = [
  ...FRAMEWORKS.flatMap((framework): Candidate[] => [
    { name: bare({ framework }), framework, keeping: 'nowhere' },
    { name: untorn(framework), framework, keeping: 'untorn' },
  ]),
  { name: 'Hono: iron-session, sealed cookie', framework: 'Hono', keeping: 'iron-session' },
  { name: 'Fastify: @fastify/session, memory', framework: 'Fastify', keeping: '@fastify/session' },
  { name: 'Koa: koa-session, signed cookie', framework: 'Koa', keeping: 'koa-session' },
  { name: 'Next.js: iron-session, sealed cookie', framework: 'Next.js', keeping: 'iron-session' },
]

const KINDS = [kinds.read, kinds.change] as const

const LONG = { warmUp: 0, rounds: 9, seconds: 540, slice: 1, warming: { requests: 12_000, seconds: 6 } }
/** No longer, and so with more rounds. */
const OF_FEW = { ...LONG, rounds: 30 }
const QUICK = { warmUp: 0, rounds: 3, seconds: 30, slice: 0.15, warming: { requests: 3000, seconds: 1.2 } }

export const frameworksSuite: Suite = { name: 'frameworks', title: 'Each framework', run: measureFrameworks }

async function measureFrameworks({ quick, only, directory, progress }: SuiteContext): Promise<Measured> {
  const plan = quick ? QUICK : only === undefined ? LONG : OF_FEW
  const unknown = only?.find((name) => !FRAMEWORKS.some((framework) => framework === name))
  if (unknown !== undefined) throw new RangeError(`There is no "${unknown}": ${FRAMEWORKS.join(', ')}.`)
  const asked = FRAMEWORKS.filter((name) => isAsked(name, only))
  const candidates = all.filter(
    ({ framework }) => asked.includes(framework) && missing(framework) === undefined,
  )
  const running: Running[] = []
  try {
    for (const candidate of candidates) {
      progress(0, 100, `starting ${candidate.name}`)
      const server = await Running.start(candidate, directory, undefined)
      running.push(server)
      await server.warmUp(plan.warming)
    }
    const nameOf = (name: string, kind: string): string => `${kind}, ${name}`
    const takes = running.flatMap((server) =>
      KINDS.map((kind) => ({
        name: nameOf(server.candidate.name, kind.name),
        take: () => server.slice(kind, plan.slice),
      })),
    )
    const samples = await alternate(takes, plan, progress)
    const slices: SlicesOf = (name, { name: kind }) => samples.get(nameOf(name, kind))!
    return {
      rows: [...rowsOf(candidates, KINDS, slices), ...(await overlaps(running))],
      targets: targetsOf(candidates, slices),
      notes: [
        'A server of its own for each, in a process of its own, as in the suite http. untorn is on files, with its defaults.',
        'Hono, fetch, React Router and TanStack Start are served by @hono/node-server, Elysia by its own adapter for Node.js, with ' +
          'and without sessions. Fastify and Koa without routes of their own for each path.',
        'React Router answers by a resource route, TanStack Start by a server route, SvelteKit and Next.js as a build leaves them, by ' +
          'a fallback and by route handlers. Without sessions SvelteKit and TanStack Start have a middleware that does nothing, the others none.',
        'A sealed or signed cookie holds all of the session: no store, and nothing that can be ended elsewhere. The load sends the ' +
          'same cookie again and again.',
        `${OVERLAPPING} overlapping requests of one visitor, each sets a value of its own once all have their session; the visitor ` +
          'keeps the cookie that came last, as a browser does.',
      ],
      skipped: asked.flatMap((framework) => {
        const why = missing(framework)
        return why === undefined ? [] : [`${framework}: ${why}`]
      }),
      versions: {
        ...versionsElsewhere(candidates.map(({ framework }) => framework)),
        ...Object.fromEntries(
          [
            'hono',
            '@hono/node-server',
            'fastify',
            '@fastify/session',
            'koa',
            'koa-session',
            'iron-session',
          ].map((name) => [name, packageVersion(name)]),
        ),
      },
    }
  } finally {
    await Promise.all(running.map((server) => server.stop()))
  }
}

/** node:http is what the others are compared with. */
function isAsked(name: FrameworkName, only: readonly string[] | undefined): boolean {
  return only === undefined || name === 'node:http' || only.includes(name)
}

function versionsElsewhere(frameworks: readonly FrameworkName[]): Record<string, string> {
  return Object.fromEntries(
    frameworks.flatMap((framework) => {
      const version = versionElsewhere(framework)
      return version === undefined ? [] : [[framework, version]]
    }),
  )
}

function untorn(framework: FrameworkName): string {
  return `${framework}: untorn`
}

async function overlaps(running: readonly Running[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const server of running.filter(({ candidate }) => hasSessions(candidate))) {
    const value = spread([await server.kept()])
    rows.push({
      group: `${OVERLAPPING} overlapping requests, each sets a value: kept`,
      name: server.candidate.name,
      unit: 'count',
      value,
    })
  }
  return rows
}

/** What sessions cost a request, beyond its framework: no adapter much more than that of node:http. */
function targetsOf(measured: readonly Candidate[], slices: SlicesOf): Target[] {
  const adapters = measured.filter(
    ({ framework, keeping }) => framework !== 'node:http' && keeping === 'untorn',
  )
  return KINDS.flatMap((kind) => {
    const cost = (framework: FrameworkName): number =>
      spread(overhead(slices, untorn(framework), bare({ framework }), kind)).median
    return adapters.map(
      ({ framework }): Target => ({
        what: `${kind.name}: CPU beyond that without sessions, ${framework} / node:http`,
        limit: 'at most',
        bound: 1.3,
        value: cost(framework) / cost('node:http'),
      }),
    )
  })
}
