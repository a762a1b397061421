import type { SessionKey } from '../../../src/contract/key.ts'
import { decodeLines } from '../../../src/stores/file/journal/line.ts'
import { NAMELESS } from './call.ts'
import { type Choice, choose, ordinaryChoices } from './choice.ts'
import { type Course, courseOf } from './course.ts'
import type { Setting } from './execution.ts'
import type { Happened } from './history.ts'
import { isLinearisable, keysIn } from './linearise.ts'
import type { Operation } from './operation.ts'
import { happenedText } from './words.ts'
import { isDone, isOver, newProcess, type Process, type World, withProcess } from './world.ts'

/** A promise that was broken, in words. */
export class Violation extends Error {}

/** Far more steps than any schedule needs. */
const ENDLESS = 5000

/** What the system may say where there is no space. */
const LACK_OF_SPACE = ['ENOSPC', NAMELESS, 'SHORT_WRITE']

const AUDITOR = 9
const START: Operation = { verb: 'start' }
const ORPHAN_MS = 61_000
const FOREVER_MS = 10 * 24 * 3_600_000

/** Lets everything go on in one order until all have done what they were to do. */
export async function settle(world: World): Promise<World> {
  let now = world
  for (let steps = 0; !now.processes.every(isDone); steps++) {
    const [first] = ordinaryChoices(now)
    if (!first) throw new Violation(`Process ${waiterIn(now)} waits, and nothing will ever wake it.`)
    if (steps > ENDLESS) throw new Violation(`Process ${waiterIn(now)} never comes to an end.`)
    now = await choose(now, first, firstOf)
  }
  return now
}

const firstOf = (world: World): Choice | undefined => ordinaryChoices(world)[0]

export function waiterIn({ processes }: World): number {
  return processes.find((process) => !isOver(process))?.course.program.pid ?? 0
}

/** What was allowed to go wrong in a run, and so may be the cause of an error. */
export interface Allowed {
  /** Errors of the system that were made to happen. */
  errors: ReadonlySet<string>
  /** A process was stopped: others may have waited for it in vain. So they may where the time jumped. */
  stops: boolean
  /** Milliseconds that a clock was put forward by, at the most; no operation may wait for longer than its deadline. */
  jumps: number
}

export const NOTHING_WRONG: Allowed = { errors: new Set(), stops: false, jumps: 0 }

/** Looks at what a run has left behind, with the eyes of a process that comes later. */
export class Audit {
  /** The directory may not be ready yet: the auditor is the later start that has to succeed. */
  readonly #starts: boolean
  readonly #keys: readonly SessionKey[]
  readonly #course: Course

  /** For what comes of a world: its processes tell which sessions there are to look at. */
  constructor({ processes }: World, setting: Setting) {
    const planned = processes.flatMap(({ course }) => course.program.operations)
    this.#keys = keysIn(planned)
    const looks = this.#keys.flatMap((key): Operation[] => [
      { verb: 'load', key },
      { verb: 'save', key, set: { audit: '1' } },
      { verb: 'load', key },
    ])
    this.#starts = planned.some(({ verb }) => verb === 'start')
    const operations: Operation[] = [
      ...(this.#starts ? [START] : []),
      ...looks,
      { verb: 'sweep' },
      { verb: 'sweep' },
      { verb: 'close' },
      ...(this.#starts ? [START, { verb: 'close' } as const] : []),
    ]
    this.#course = courseOf({ pid: AUDITOR, operations, options: {}, overlap: 1 }, setting)
  }

  /** Throws a {@link Violation} where the end of a run shows that a promise was broken. */
  async check(world: World, allowed = NOTHING_WRONG): Promise<void> {
    const closed = await settle({ ...world, processes: world.processes.map(released) })
    refuseOpenFiles(closed)
    const looked = await this.#lookAtAll(closed)
    // What is unfinished for a minute was left by somebody who died; and in the end everything has expired.
    const orphaned = await settle(withMore({ ...looked, now: looked.now + ORPHAN_MS }, 1))
    refuseLeftovers(orphaned, 'temporary')
    const audited = await settle(
      withMore({ ...orphaned, now: orphaned.now + FOREVER_MS }, this.#starts ? 4 : 2),
    )
    refuseLeftovers(audited, 'any', allowed)
    refuseLostManifest(audited)
    const { all } = audited.history
    for (const happened of all) refuseBadEnd(happened, happened.pid === AUDITOR ? NOTHING_WRONG : allowed)
    const lacksSpace = LACK_OF_SPACE.some((code) => allowed.errors.has(code))
    for (const key of keysIn(all.map(({ operation }) => operation))) {
      if (!isLinearisable(audited.history.of(key), lacksSpace, audited.history.sweeps)) {
        const answers = audited.history.of(key).map((one) => `\n      ${happenedText(one)}`)
        throw new Violation(
          `No order of these operations on one session explains their answers:${answers.join('')}`,
        )
      }
    }
    refuseOpenFiles(audited)
  }

  async #lookAtAll(world: World): Promise<World> {
    const looking = await newProcess(this.#course, this.#keys.length * 3 + (this.#starts ? 1 : 0))
    return settle({ ...world, processes: [...world.processes, looking] })
  }
}

function refuseLeftovers({ disk }: World, which: 'temporary' | 'any', { errors } = NOTHING_WRONG): void {
  for (const path of disk.names.keys()) {
    const name = path.split('/').at(-1)!
    if (which === 'any' && name.startsWith('untorn.json.'))
      throw new Violation(`The draft ${name} of a manifest was left behind.`)
    if (name.startsWith('new-')) throw new Violation(`The temporary file ${name} was left behind.`)
    // One whose first line a failed sync and the power have taken is no session, and kept as all that is damaged is.
    const isKept = errors.has('EIO') && isDamaged(disk.text(path) ?? '')
    if (which === 'any' && name.length === 62 && !isKept)
      throw new Violation('The file of an expired session was left behind.')
  }
}

/** A start that finds sessions and no manifest makes it again; but where nobody cleans, it has to be there. */
function refuseLostManifest({ processes }: World): void {
  const cleans = processes.some(({ course }) =>
    course.program.operations.some(({ verb }) => verb === 'clean'),
  )
  const restored = processes.some(({ place }) => place.standing.reported.includes('manifest-restored'))
  if (restored && !cleans) throw new Violation('There were sessions and no manifest, though nobody cleans.')
}

/** A process that may now do the rest of its operations, stopped or not. */
function released(process: Process): Process {
  const going = { ...process, mayStart: Number.POSITIVE_INFINITY }
  return process.life === 'stopped' ? { ...going, life: 'runs' } : going
}

/** Lets the auditor do more. */
function withMore(world: World, more: number): World {
  const index = world.processes.length - 1
  const auditor = world.processes[index]!
  return withProcess(world, index, { ...auditor, mayStart: auditor.mayStart + more })
}

function isDamaged(text: string): boolean {
  return decodeLines(Buffer.from(text)).lines[0]?.kind === 'damaged'
}

function refuseOpenFiles({ processes }: World): void {
  for (const { descriptors, course } of processes) {
    if (descriptors.size === 0) continue
    throw new Violation(
      `Process ${course.program.pid} has closed its store, and ${descriptors.size} files are open.`,
    )
  }
}

/** Errors have to be untorn's, with the system's as their cause, and only where one was made to happen. */
function refuseBadEnd(happened: Happened, allowed: Allowed): void {
  const { outcome, pid, operation, begun, cut } = happened
  if (cut) return
  const who = `Process ${pid}, ${operation.verb}`
  if (!outcome) throw new Violation(`${who} (begun at ${begun}) never ended.`)
  const waited = happened.endedAt! - happened.beganAt - allowed.jumps
  if (waited > LONGEST_WAIT_MS) throw new Violation(`${who} waited for ${waited} ms.`)
  if (!('error' in outcome)) return
  const { error, cause, message, untorn } = outcome
  if (!untorn) throw new Violation(`${who} failed with an error of no type: ${error}: ${message}`)
  if (/[0-9a-f]{20}/.test(message)) throw new Violation(`${who} failed with a message that holds a key.`)
  // It is the cause where a change stands, and whoever is to make it sure has not done so.
  const isBusy = error === 'UNTORN_STORE_BUSY' || cause === 'UNTORN_STORE_BUSY'
  if (isBusy && !allowed.stops && allowed.jumps === 0 && allowed.errors.size === 0) {
    throw new Violation(`${who} waited in vain, though nobody was stopped.`)
  }
  if (isBusy) return
  const expected = operation.verb === 'start' ? 'UNTORN_STORE_CONFIG' : 'UNTORN_STORE_UNAVAILABLE'
  if (error !== expected) throw new Violation(`${who} failed with ${error}: ${message}`)
  if (cause === undefined || !allowed.errors.has(cause)) {
    throw new Violation(`${who} failed with ${error}, caused by ${cause ?? 'nothing'}: ${message}`)
  }
}

/** Deadlines of the programs are shorter. */
const LONGEST_WAIT_MS = 1000
