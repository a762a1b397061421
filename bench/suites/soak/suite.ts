import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Child, forked } from '../../measure/children.ts'
import { packageVersion } from '../../measure/machine.ts'
import type { Measured, Suite, SuiteContext } from '../../suite.ts'
import type { Answer, Look, Question, Setting } from './application.ts'
import { type Moment, rowsOf, seriesOf } from './figures.ts'
import { Visitors } from './visitors.ts'

/** Everything soon, so that ten minutes are many lives of a session. */
const SETTING: Setting = { idleTimeout: 3000, sweepEvery: 2000, maxOpen: 100 }

/** Seconds. For a minute an id that was replaced is remembered, in a record of its own. */
const UNTIL_ALL_EXPIRED = 60 + 15

const LONG: Plan = { seconds: 600, collectEvery: 10, rests: true }
const QUICK: Plan = { seconds: 10, collectEvery: 2, rests: false }

export interface Plan {
  seconds: number
  /** Seconds between collections of all garbage. */
  collectEvery: number
  /** Whether to look what is left when all sessions have expired. */
  rests: boolean
}

export const soakSuite: Suite = {
  name: 'soak',
  title: 'Memory, descriptors and files under mixed use',
  run: (context) => soak(context, context.quick ? QUICK : LONG),
}

export async function soak(
  { directory, progress }: Pick<SuiteContext, 'directory' | 'progress'>,
  plan: Plan,
): Promise<Measured> {
  const sessions = join(directory, 'sessions')
  const child = forked<Question, Answer>(new URL('application.ts', import.meta.url))
  try {
    const listening = await child.ask({ ask: 'listen', directory: sessions, setting: SETTING })
    const visitors = new Visitors((listening as { port: number }).port)
    const before = await momentOf(child, sessions, 0, true)
    const moments = await watched(child, sessions, visitors, plan, progress)
    const after = plan.rests ? await rested(child, sessions, before, progress) : undefined
    const measured = { plan, visitors, moments, before, after }
    return {
      rows: rowsOf(measured),
      series: seriesOf(moments),
      notes: notes(plan, moments),
      skipped: skipped(plan, before),
      versions: { express: packageVersion('express') },
    }
  } finally {
    await child.stop()
  }
}

async function watched(
  child: Child<Question, Answer>,
  sessions: string,
  visitors: Visitors,
  { seconds, collectEvery }: Plan,
  progress: SuiteContext['progress'],
): Promise<Moment[]> {
  const moments: Moment[] = []
  const acting = visitors.act(seconds)
  const started = performance.now()
  for (let second = 1; second <= seconds; second++) {
    await delay(Math.max(0, second * 1000 - (performance.now() - started)))
    moments.push(await momentOf(child, sessions, second, second % collectEvery === 0))
    progress(second, seconds, `${visitors.requests} requests`)
  }
  await acting
  return moments
}

async function momentOf(
  child: Child<Question, Answer>,
  sessions: string,
  second: number,
  collect: boolean,
): Promise<Moment> {
  const [look, files] = await Promise.all([child.ask({ ask: 'look', collect }), sessionFiles(sessions)])
  return { second, files, ...(look as Look) }
}

/** Until all files are gone, and no longer than that should take. */
async function rested(
  child: Child<Question, Answer>,
  sessions: string,
  { second }: Moment,
  progress: SuiteContext['progress'],
): Promise<Moment> {
  for (let waited = 0; waited < UNTIL_ALL_EXPIRED && (await sessionFiles(sessions)) > 0; waited++) {
    progress(waited, UNTIL_ALL_EXPIRED, 'until all sessions have expired')
    await delay(1000)
  }
  return momentOf(child, sessions, second, true)
}

/** Those below the shards. */
async function sessionFiles(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true })
  return names.filter((name) => name.includes(sep)).length
}

function notes({ seconds, collectEvery }: Plan, moments: readonly Moment[]): string[] {
  const { error } = moments.at(-1)!
  return [
    `An Express application with untorn on files, used for ${seconds} s by visitors who arrive, read, change, sign in ` +
      '(a new id), sign out, send overlapping requests, and leave in the middle of a request or an answer, at an even ' +
      'rate. ' +
      `Sessions expire after ${SETTING.idleTimeout / 1000} s without use and are swept every ${SETTING.sweepEvery / 1000} s; ` +
      `the store keeps ${SETTING.maxOpen} of them open (maxOpen).`,
    `The heap is looked at every ${collectEvery} s, after a collection of all garbage. Growth is by least squares over ` +
      'the second half.',
    ...(error === undefined ? [] : [`The first error that no request should get: ${error}`]),
  ]
}

function skipped({ rests }: Plan, before: Moment): string[] {
  return [
    ...(before.descriptors === undefined ? ['descriptors: this system has no /proc/self/fd'] : []),
    ...(rests
      ? []
      : ['growth, and what is left when all sessions have expired: takes minutes, not with --quick']),
  ]
}
