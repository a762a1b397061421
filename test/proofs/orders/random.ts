import { Found, judge } from './explore.ts'
import type { Verbs } from './scripts.ts'
import { type Plan, World } from './world.ts'

/** Plays one order of a plan's calls, which follows from the seed. */
export function playSeed(seed: number, plan: Plan, verbs: Verbs): void {
  const chance = fractions(seed)
  const world = new World(plan, verbs)
  const order: number[] = []
  // Some processes sleep for long, which is what most orders of single steps do not show.
  const eagerness = plan.processes.map(() => chance() ** 3)
  const deaths = plan.processes.map(() =>
    chance() < 0.3 ? Math.floor(chance() * 12) : Number.POSITIVE_INFINITY,
  )
  const mayDie = new Set([...plan.processes.keys()].sort(() => chance() - 0.5).slice(0, plan.deaths))
  const taken = plan.processes.map(() => 0)
  for (;;) {
    const active = world.active.filter((each) => !mayDie.has(each) || taken[each]! < deaths[each]!)
    if (active.length === 0) break
    if (chance() < 0.1) eagerness[Math.floor(chance() * eagerness.length)] = chance() ** 3
    const process = pick(active, eagerness, chance())
    taken[process]!++
    order.push(process)
    world.step(process)
  }
  try {
    judge(world, order)
  } catch (error) {
    if (error instanceof Found) error.message = `Seed ${seed}: ${error.message}`
    throw error
  }
}

function pick(active: readonly number[], weights: readonly number[], fraction: number): number {
  let rest = fraction * active.reduce((sum, each) => sum + weights[each]!, 0)
  for (const each of active) {
    rest -= weights[each]!
    if (rest <= 0) return each
  }
  return active.at(-1)!
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function fractions(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
