import { type Allowed, Audit, NOTHING_WRONG } from './audit.ts'
import { Seeded } from './chance.ts'
import { type Choice, callOf, choose, ordinaryChoices } from './choice.ts'
import type { Setting } from './execution.ts'
import { type Explored, Found, nothingExplored } from './explore.ts'
import { type Pick, powerLoss } from './power.ts'
import { digestOf, type World } from './world.ts'

/** Of more possibilities than this, so many are tried by chance. */
const MOST = 200

/** Explores worlds with a power failure at each moment, and looks at everything that may be left then. */
export async function losePowerEverywhere<T>(
  cases: readonly T[],
  worldFor: (one: T) => Promise<World>,
  setting: Setting,
  failingSyncs: number,
): Promise<Explored> {
  const explored = nothingExplored()
  for (const one of cases) {
    const start = await worldFor(one)
    await new Failures(start, new Audit(start, setting), explored).from(start, failingSyncs)
  }
  return explored
}

const ERRORS: Allowed = { ...NOTHING_WRONG, errors: new Set(['EIO']) }

/** The same step, with a sync that fails. */
function failed(world: World, choice: Choice): Choice | undefined {
  if (choice.kind !== 'step') return undefined
  const { process, step } = choice
  const name = callOf(world.processes[process]!, step)?.name
  if (name !== 'sync' && name !== 'syncNow') return undefined
  return { kind: 'fail', process, step, code: 'EIO', done: false }
}

class Failures {
  readonly #start: World
  readonly #audit: Audit
  readonly #explored: Explored
  readonly #path: Choice[] = []
  readonly #visited = new Set<string>()
  readonly #audited = new Set<string>()

  constructor(start: World, audit: Audit, explored: Explored) {
    this.#start = start
    this.#audit = audit
    this.#explored = explored
  }

  async from(world: World, failingSyncs: number): Promise<void> {
    const digest = `${digestOf(world)}|${failingSyncs}`
    if (this.#visited.has(digest)) return
    this.#visited.add(digest)
    this.#explored.worlds++
    await this.#lose(world)
    for (const choice of ordinaryChoices(world)) {
      await this.#follow(world, choice, failingSyncs)
      const failing = failingSyncs > 0 ? failed(world, choice) : undefined
      if (failing) await this.#follow(world, failing, failingSyncs - 1)
    }
    if (ordinaryChoices(world).length > 0) return
    this.#explored.schedules++
    for (const { place } of world.processes) this.#explored.folds += place.standing.stats.folds
  }

  async #follow(world: World, choice: Choice, failingSyncs: number): Promise<void> {
    this.#path.push(choice)
    await this.from(await choose(world, choice), failingSyncs)
    this.#path.pop()
  }

  async #lose(world: World): Promise<void> {
    for (const pick of picks()) {
      const after = powerLoss(world, pick)
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
function* picks(): Generator<Pick> {
  let picked: { of: number; is: number }[] = []
  for (let tried = 0; tried < MOST; tried++) {
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
  for (let tried = 0; tried < MOST; tried++) yield (possibilities) => chance.below(possibilities)
}
