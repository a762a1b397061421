import { type Allowed, Audit, NOTHING_WRONG } from './audit.ts'
import { Seeded } from './chance.ts'
import { type Choice, callOf, choose, ordinaryChoices } from './choice.ts'
import type { Setting } from './execution.ts'
import { type Explored, Found, nothingExplored } from './explore.ts'
import { type Chosen, idOf, powerLoss } from './power.ts'
import { digestOf, type World } from './world.ts'

/** Of more possibilities than this, so many are tried by chance. */
const MOST = 200

/** The same where there are many moments to look at, most of which leave nearly the same. */
export const FEWER = 20

/** Explores worlds with a power failure at each moment, and looks at everything that may be left then. */
export async function losePowerEverywhere<T>(
  cases: readonly T[],
  worldFor: (one: T) => Promise<World>,
  setting: Setting,
  failing: Failing,
  most = MOST,
): Promise<Explored> {
  const explored = nothingExplored()
  for (const one of cases) {
    const start = await worldFor(one)
    await new Failures(start, new Audit(start, setting), explored, most).from(start, failing)
  }
  return explored
}

const ERRORS: Allowed = { ...NOTHING_WRONG, errors: new Set(['EIO']) }

/** The same step, with a sync that fails. */
function failed(world: World, choice: Choice): (Choice & { kind: 'fail' }) | undefined {
  if (choice.kind !== 'step') return undefined
  const { process, step } = choice
  const name = callOf(world.processes[process]!, step)?.name
  if (name !== 'sync' && name !== 'syncNow') return undefined
  return { kind: 'fail', process, step, code: 'EIO', done: false }
}

/** Syncs that fail, and what nobody can know of them. */
export interface Failing {
  /** So many more may. */
  readonly left: number
  /** The process that one has failed for, and that has not made a call since it was told. */
  readonly unnoticed?: number
  /**
   * Operations of others that were answered meanwhile: they can't have known. The system had told the one process, and
   * that one had not come to tell the others.
   */
  readonly unsure?: ReadonlySet<string>
}

function textOf({ left, unnoticed, unsure = new Set() }: Failing): string {
  return `${left}|${unnoticed ?? ''}|${[...unsure].sort().join()}`
}

function afterStep(before: World, choice: Choice, after: World, failing: Failing): Failing {
  const { left, unnoticed } = failing
  if (unnoticed === undefined) return failing
  const answered = after.history.all.filter(
    (one) =>
      one.ended !== undefined &&
      !before.history.all.some((it) => it.ended !== undefined && idOf(it) === idOf(one)),
  )
  const unsure = new Set([...(failing.unsure ?? []), ...answered.map(idOf)])
  const { call } = after.processes[unnoticed]!.place.standing
  const own = choice.kind === 'step' && choice.process === unnoticed ? choice.step.kind : undefined
  // Its turn has come to its first call, or is over without one.
  const isOver = own === 'call' || (own === 'complete' && call === undefined)
  return { left, unsure, ...(isOver ? {} : { unnoticed }) }
}

class Failures {
  readonly #start: World
  readonly #audit: Audit
  readonly #explored: Explored
  readonly #path: Choice[] = []
  readonly #visited = new Set<string>()
  readonly #lost = new Set<string>()
  readonly #audited = new Set<string>()

  readonly #most: number

  constructor(start: World, audit: Audit, explored: Explored, most: number) {
    this.#most = most
    this.#start = start
    this.#audit = audit
    this.#explored = explored
  }

  async from(world: World, failing: Failing): Promise<void> {
    const digest = `${digestOf(world)}|${textOf(failing)}`
    if (this.#visited.has(digest)) return
    this.#visited.add(digest)
    this.#explored.worlds++
    await this.#lose(world, failing.unsure)
    for (const choice of ordinaryChoices(world)) {
      await this.#follow(world, choice, failing)
      const fails = failing.left > 0 ? failed(world, choice) : undefined
      if (fails) await this.#follow(world, fails, { left: failing.left - 1, unnoticed: fails.process })
    }
    if (ordinaryChoices(world).length > 0) return
    this.#explored.schedules++
    for (const { place } of world.processes) {
      const { folds, waits } = place.standing.stats
      this.#explored.folds += folds
      this.#explored.waits += waits
    }
  }

  async #follow(world: World, choice: Choice, failing: Failing): Promise<void> {
    this.#path.push(choice)
    const next = await choose(world, choice, (then) => ordinaryChoices(then)[0])
    await this.from(next, afterStep(world, choice, next, failing))
    this.#path.pop()
  }

  async #lose(world: World, unsure: ReadonlySet<string> = new Set()): Promise<void> {
    // Most steps of a process change nothing that a loss of power could leave in another way.
    const moment = `${world.disk.digest()}|${world.history.digest()}|${[...unsure].sort().join()}`
    if (this.#lost.has(moment)) return
    this.#lost.add(moment)
    for (const pick of picks(this.#most)) {
      const after = powerLoss(world, pick, unsure)
      const digest = `${after.disk.digest()}|${after.history.digest()}`
      if (this.#audited.has(digest)) continue
      this.#audited.add(digest)
      this.#explored.powerLosses++
      try {
        await this.#audit.check(after, ERRORS)
      } catch (error) {
        throw new Found(this.#start, this.#path, error)
      }
    }
  }
}

/** Every way to pick, one after the other; when they become too many, some by chance. */
function* picks(most: number): Generator<Chosen> {
  let picked: { of: number; is: number }[] = []
  for (let tried = 0; tried < most; tried++) {
    const now: { of: number; is: number }[] = []
    yield (possibilities) => {
      const is = picked[now.length]?.is ?? 0
      now.push({ of: possibilities, is })
      return is
    }
    while (now.length > 0 && now.at(-1)!.is === now.at(-1)!.of - 1) now.pop()
    if (now.length === 0) return
    now.at(-1)!.is++
    picked = now
  }
  const chance = new Seeded(1)
  for (let tried = 0; tried < most; tried++) yield (possibilities) => chance.below(possibilities)
}
