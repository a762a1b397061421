import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { isDeepStrictEqual as same } from 'node:util'
import { StoreBusyError, StoreUnavailableError } from '../../../../src/errors.ts'
import type { SyncFileStore } from '../../../../src/stores/file/file-store.ts'
import { decodeLines } from '../../../../src/stores/file/journal/line.ts'
import { BLANK, replay } from '../../../../src/stores/file/journal/replay.ts'
import { texts } from '../../../support/records.ts'
import type { Fault, Made } from './faults.ts'
import { type Course, type Outcome, type Views, views } from './run.ts'
import { type Scenario, SYNCS } from './scenario.ts'
import { KEYS, MAIN, record, type Stage, viewOf } from './stage.ts'

/** What a message has to say for each error. */
const ADVICE: Record<string, RegExp> = {
  ENOSPC: /free some space/,
  EDQUOT: /quota.*free some space/,
  EIO: /system log/,
  EMFILE: /ulimit -n/,
  ENFILE: /raise its limit/,
  EACCES: /owner and the mode/,
  EPERM: /owner and the mode/,
  EROFS: /mount it writable/,
  ENOENT: /restore (it|the directory)/,
  ENOTDIR: /choose another directory/,
  EINTR: /try again/,
  SHORT_WRITE: /free some space/,
}

export class Problem extends Error {}

function demand(holds: unknown, problem: string): asserts holds {
  if (!holds) throw new Problem(problem)
}

const show = (value: unknown) => JSON.stringify(value)

/** Either the answer that it would have given, or one of untorn's errors that says what to do. */
export function checkOutcome(
  stage: Stage,
  scenario: Scenario,
  course: Course,
  fault: Fault,
  outcome: Outcome,
): void {
  if (!('error' in outcome)) {
    demand(!isWaitedFor(scenario, course, fault), 'acknowledges what could not be synced')
    const right =
      same(outcome.answer, course.outcome.answer) || scenario.alsoRight?.(outcome.answer, stage) === true
    demand(right, `answers ${show(outcome.answer)}, and not ${show(course.outcome.answer)}`)
    return
  }
  const { error } = outcome
  const isSpared = scenario.spares?.(course.made[fault.at]!) && fault.kind === 'error' && !fault.lasting
  demand(!isSpared, `fails with ${error}, where it should go on`)
  if (scenario.held && error instanceof StoreBusyError) return
  demand(error instanceof StoreUnavailableError, `fails with ${error}, which is none of untorn's errors`)
  demand(error.code === 'UNTORN_STORE_UNAVAILABLE', `fails with the code ${error.code}`)
  const cause = error.cause as NodeJS.ErrnoException
  const foundOut = { error: undefined, moved: 'ENOENT', short: 'SHORT_WRITE', 'bad block': undefined }[
    fault.kind
  ]
  const isOurs = stage.port.given.includes(cause) || (foundOut !== undefined && cause?.code === foundOut)
  demand(isOurs, `names ${cause} as the cause, which was not it`)
  const advice = ADVICE[cause.code!]
  demand(advice?.test(error.message), `does not say what to do: ${error.message}`)
  demand(error.message.includes(stage.directory), `does not say where: ${error.message}`)
  demand(!/[0-9a-f]{62}/.test(error.message), `shows a key: ${error.message}`)
}

/** Whether an acknowledgement says that a sync has succeeded which did not: those of a fold are not waited for. */
function isWaitedFor({ foldBytes, closes, inBackground }: Scenario, { made }: Course, fault: Fault): boolean {
  if (closes || inBackground || fault.kind !== 'error' || fault.code !== 'EIO') return false
  const isSync = ({ call }: Made) => SYNCS.includes(call)
  return isSync(made[fault.at]!) && (foldBytes === undefined || made.findIndex(isSync) === fault.at)
}

/** What was acknowledged is there, and what failed has happened or has not, for every store. */
export async function checkKept(
  stage: Stage,
  scenario: Scenario,
  course: Course,
  outcome: Outcome,
): Promise<void> {
  const { acknowledged, store } = stage
  const found = views(stage)
  found.forEach((view, n) => {
    const [before, after] = [course.before[n], course.after[n]]
    const happened = same(view, after) || ('error' in outcome && same(view, before))
    const is = happened || (scenario.partly && isMixed(view, before!, after!))
    demand(is, `leaves session ${n} as ${show(view)}, before: ${show(before)}, after: ${show(after)}`)
  })
  const { values } = (found[0] ?? { values: {} }) as { values: object }
  for (const name of acknowledged) demand(name in values, `has lost ${name}, which was acknowledged`)
  if (scenario.closes) return
  const own: Views = []
  for (const key of KEYS) own.push(viewOf(await store.load(key)))
  demand(same(own, found), `sees ${show(own)} itself, where others see ${show(found)}`)
}

/** Whether each value is the one before or the one after, and none is missing that both have. */
function isMixed(...views: Views): boolean {
  const [found, before, after] = views.map(
    (view) => (view as { values: object } | null)?.values ?? {},
  ) as Record<string, unknown>[]
  const names = Object.keys({ ...found, ...before, ...after })
  return names.every((name) => found![name] === before![name] || found![name] === after![name])
}

/** The store and another one go on as if nothing had been: whichever is first. */
export async function checkGoesOn(stage: Stage, scenario: Scenario, othersFirst: boolean): Promise<void> {
  if (scenario.held) return
  const theirs = async () => {
    await callBackUntilQuiet(stage)
    await savesTo(stage, stage.other(), 'theirs')
  }
  if (othersFirst) await theirs()
  if (!scenario.closes) {
    await savesTo(stage, stage.store, 'mine')
    const key = `${MAIN.slice(0, 2)}${'9'.repeat(62)}` as typeof MAIN
    demand((await stage.store.create(key, record())) === true, 'can not create a session afterwards')
    demand(stage.other().load(key), 'has lost a session that it created afterwards')
  }
  if (!othersFirst) await theirs()
}

async function savesTo(stage: Stage, store: SyncFileStore, name: string): Promise<void> {
  const before = stage.other().load(MAIN)
  const { outcome } = await store.save(MAIN, { set: texts({ [name]: 'again' }) })
  demand(outcome === (before ? 'saved' : 'gone'), `answers ${outcome} to the next save (${name})`)
  if (!before) return
  const after = stage.other().load(MAIN)
  demand(after?.values.get(name) === '"again"', `has lost the next save (${name})`)
  demand(after.version === before.version + 1, `counts ${after.version} after ${before.version} (${name})`)
}

/** Every descriptor is let go, and after a minute and a sweep there is no temporary file, and none without a session. */
export async function checkLetsGo(stage: Stage, { mayLeaveTorn }: Scenario): Promise<void> {
  await stage.store.close()
  await callBackUntilQuiet(stage)
  demand(stage.port.open.size === 0, `leaves ${stage.port.open.size} descriptors open`)
  demand(stage.port.misused.length === 0, `uses a closed descriptor for ${stage.port.misused}`)
  if (!leftover(stage)) return
  await stage.other({ now: () => Date.now() + 61_000 }).clearExpired()
  const left = leftover(stage, mayLeaveTorn)
  demand(left === undefined, `leaves ${left}, also after a sweep`)
}

async function callBackUntilQuiet(stage: Stage): Promise<void> {
  for (let times = 0; times < 3; times++) {
    stage.callBack()
    await stage.port.quiet()
  }
}

/** A file that is no journal: temporary, empty, or without a whole record. */
function leftover(stage: Stage, mayBeTorn = false): string | undefined {
  return stage.filesIn().find((path) => {
    const { phase } = replay(BLANK, decodeLines(readFileSync(path)).lines)
    return basename(path).length !== 62 || phase === 'blank' || (phase === 'void' && !mayBeTorn)
  })
}
