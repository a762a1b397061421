import { describeFault, type Fault, type Made } from './faults.ts'
import type { Scenario } from './scenario.ts'
import { KEYS, Stage, viewOf } from './stage.ts'

/** Where stages are set up. */
export interface Room {
  directory: string
  manifest: string
}

/** What an operation came to. */
export type Outcome = { answer: unknown; error?: never } | { error: unknown; answer?: never }

/** A scenario's course without a fault: what the ones with a fault are compared with. */
export interface Course {
  made: Made[]
  outcome: Outcome
  before: Views
  after: Views
}

/** What is in the sessions, in the order of `KEYS`; `null` where there is none. */
export type Views = (object | null)[]

let stages = 0

/** Sets a scenario's stage, and clears it when it is over. */
export async function onStage<T>(
  room: Room,
  { options, foldBytes, prepare }: Scenario,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = new Stage(`${room.directory}/${stages++}`, room.manifest, options, foldBytes)
  try {
    await prepare?.(stage)
    return await play(stage)
  } finally {
    await stage.clear()
  }
}

/** Carries out a scenario without a fault. */
export async function record(room: Room, scenario: Scenario): Promise<Course> {
  // On a stage of its own, as a look may change something: whoever finds a session expired ends it.
  const before = await onStage(room, scenario, async (stage) => views(stage))
  return onStage(room, scenario, async (stage) => {
    const outcome = await perform(stage, scenario)
    return { made: [...stage.port.course], outcome, before, after: views(stage) }
  })
}

/** Carries out the operation, with a fault if there is one, and then lets everything work again. */
export async function perform(stage: Stage, scenario: Scenario, fault?: Fault): Promise<Outcome> {
  stage.port.before = scenario.before?.(stage) ?? (() => {})
  stage.port.listen(fault)
  let outcome: Outcome
  try {
    outcome = { answer: plain(await scenario.act(stage)) }
  } catch (error) {
    outcome = { error }
  }
  await stage.port.quiet()
  stage.port.heal()
  return outcome
}

/** Every session, as a store reads it that has just been opened. */
export function views(stage: Stage): Views {
  const fresh = stage.other()
  return KEYS.map((key) => viewOf(fresh.load(key)))
}

/** An answer without Maps, so that it can be compared and shown. */
function plain(answer: unknown): unknown {
  if (answer instanceof Map) return Object.fromEntries(answer)
  if (Array.isArray(answer)) return answer.map(plain)
  if (typeof answer !== 'object' || answer === null) return answer
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, plain(value)]))
}

/** A problem with the case that it was found in. */
export function complain(scenario: Scenario, course: Course, fault: Fault, problem: string): string {
  return `${scenario.name}; ${describeFault(fault, course.made)}: ${problem}`
}
