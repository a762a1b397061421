import { setTimeout as delay } from 'node:timers/promises'
import { createSessions, type SessionStore, type SessionsOptions } from '../../../src/index.ts'
import { PlainStore } from '../../support/plain-store.ts'
import { overHttp } from './front.ts'
import { Broken, judge } from './judge.ts'
import { Request } from './request.ts'
import type { Start } from './starts.ts'
import type { Verb } from './verbs.ts'

export interface Rounds {
  /** Beside what the two servers have: what is there before a round, and what is left of it. */
  readonly store: SessionStore
  readonly ports: readonly [number, number]
  readonly limit?: Pick<SessionsOptions, 'maxPerOwner'>
  /** Removes all that there is as if it never had been; default: deletes each record. */
  readonly clear?: () => Promise<unknown>
}

/** Milliseconds at most between two requests of a round. */
const LATEST = 6

/**
 * One round: two requests at about the same moment, each to a process of its own, judged by what is left of them. Which was
 * first. Throws what the judge throws.
 */
export async function round(rounds: Rounds, start: Start, verbs: readonly [Verb, Verb], title: string) {
  const { store, ports, limit } = rounds
  await (rounds.clear?.() ?? clear(store))
  const before = new PlainStore()
  const begun = start.begin(createSessions({ store: before }))
  await copy(before, store)
  const requests = verbs.map((verb, nth) => new Request(nth, verb, begun.shows[nth]))
  const late = Math.random() * 2 * LATEST - LATEST
  await Promise.all(
    requests.map(async (request, nth) => {
      await delay(Math.max(0, nth === 0 ? -late : late))
      await request.run(overHttp(ports[nth]!), store, Date.now)
    }),
  )
  const most = limit?.maxPerOwner
  try {
    await untilTidy(async () => {
      const left = new PlainStore()
      await copy(store, left)
      const fresh = createSessions({ store: left })
      judge({ store: left, fresh, begun, requests, most, hasFailed: false })
    })
  } catch (error) {
    if (error instanceof Broken)
      error.message += `\n${title}: ${requests.map(({ verb, told }) => `${verb.name}: ${told}`).join(', ')}`
    throw error
  }
}

/** No answer waits for what is removed in the end: that nothing is left is asked until it is so. */
async function untilTidy(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Broken && error.check === 'left') || tries === 50) throw error
      await delay(20)
    }
  }
}

async function copy(from: SessionStore, to: SessionStore): Promise<void> {
  for await (const [key, record] of from.records({ all: true })) await to.create(key, record)
}

/** Deletes each record. */
export async function clear(store: SessionStore): Promise<void> {
  for await (const [key] of store.records({ all: true })) await store.delete(key)
}
