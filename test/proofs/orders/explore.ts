import { isLinearisable } from './linearise.ts'
import { answerText } from './model-store.ts'
import type { Verbs } from './scripts.ts'
import { FIRST, type Plan, World } from './world.ts'

/** A course of events that breaks a promise. */
export class Found extends Error {
  constructor(what: string, order: readonly number[], world: World) {
    const answers = world.happened.map(({ operation, answer }) => {
      const { change, ...rest } = { change: undefined, ...operation }
      const told = answer ? answerText(answer.value) : 'died'
      return `  ${JSON.stringify(rest)} ${change ? [...(change.set ?? []), change.expiresAt ?? ''].join() : ''}: ${told}`
    })
    super(`${what}\nin the order ${order.join(' ')}\n${answers.join('\n')}`)
  }
}

export interface Explored {
  /** Different states that were met. */
  states: number
  /** Different ends. */
  ends: number
}

/** Goes through every order of the calls of some processes, each state that can be met once. */
export function explore(plan: Plan, verbs: Verbs, mostStates = Number.POSITIVE_INFINITY): Explored {
  const seen = new Set<string>()
  const judged = new Set<string>()
  const visit = (world: World, order: readonly number[]): void => {
    const { text, active } = world
    if (seen.has(text) || seen.size >= mostStates) return
    seen.add(text)
    if (world.mayBeOver && !judged.has(world.result)) {
      judged.add(world.result)
      judge(active.length > 0 ? replay(plan, verbs, order) : world, order)
    }
    for (const [nth, process] of active.entries()) {
      const next = nth < active.length - 1 ? replay(plan, verbs, order) : world
      next.step(process)
      visit(next, [...order, process])
    }
  }
  visit(new World(plan, verbs), [])
  return { states: seen.size, ends: judged.size }
}

function replay(plan: Plan, verbs: Verbs, order: readonly number[]): World {
  const world = new World(plan, verbs)
  for (const process of order) world.step(process)
  return world
}

/** That the answers of a course that is over have an explanation, and that everything is tidied up. */
export function judge(world: World, order: readonly number[]): void {
  if (world.marksLeft) throw new Found('A move is left unfinished', order, world)
  world.observe()
  if (!isLinearisable(world.happened, FIRST)) throw new Found('No order explains the answers', order, world)
}
