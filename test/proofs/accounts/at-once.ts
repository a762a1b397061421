import { isPromise } from '../../../src/contract/wait.ts'
import { createSessions, type Sessions } from '../../../src/index.ts'
import { interleaved } from '../../session/interleaved.ts'
import { PlainStore } from '../../support/plain-store.ts'
import { type Beginning, beginningOf, type Plan, shipped, titleOf, withTime } from './explore.ts'
import { byHand } from './front.ts'
import { Broken, judge } from './judge.ts'
import { Request } from './request.ts'

/**
 * Every order of two requests over a store that answers at once: nothing but another process comes between the calls of
 * one, which does all that it has to do there. How many there are.
 */
export async function everyOrderAtOnce(plan: Plan): Promise<number> {
  return withTime(async () => {
    const room = await roomFor(plan)
    let orders = 0
    for (const outer of [0, 1]) {
      let met = true
      for (let at = 0; met; at++) {
        met = await meetAt(plan, room, outer, at)
        orders++
      }
    }
    return orders
  })
}

/** What all orders of a plan are played in: what is done at once leaves nothing behind but what is stored. */
interface Room extends Beginning {
  readonly store: PlainStore
  /** Each request is in a process of its own. */
  readonly processes: readonly Sessions[]
  readonly fresh: Sessions
}

async function roomFor({ start, verbs, limit }: Plan): Promise<Room> {
  const store = new PlainStore()
  const processes = verbs.map(() => createSessions({ store, ...limit }))
  return { ...(await beginningOf(shipped, start)), store, processes, fresh: createSessions({ store }) }
}

/** The one of the two before call number `at` of the other. `false`: there is no such call, and it comes after it. */
async function meetAt(plan: Plan, room: Room, outer: number, at: number): Promise<boolean> {
  const { store, processes, fresh, begun, stored } = room
  store.reset(stored)
  const requests = plan.verbs.map((verb, nth) => new Request(nth, verb!, begun.shows[nth]))
  let steps = 0
  const runs = requests.map(
    (request, nth) => () => request.run(byHand(processes[nth]!), store, () => ++steps),
  )
  const inner = (): unknown => {
    const running = runs[1 - outer]!()
    if (isPromise(running as Promise<void>)) throw new Error(`${titleOf(plan)}: it does not answer at once.`)
    return running
  }
  const { met, second } = await interleaved({ store }, at, runs[outer]!, inner)
  if (second.status === 'rejected') throw second.reason
  const most = plan.limit?.maxPerOwner
  try {
    judge({ store, fresh, begun, requests, most, hasFailed: false })
  } catch (error) {
    if (error instanceof Broken)
      error.message += `\n${titleOf(plan)}\n${requests[1 - outer]!.verb.name} before call ${at}`
    throw error
  }
  return met
}
