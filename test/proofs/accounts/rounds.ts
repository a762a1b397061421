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
}

/** Milliseconds: clocks of servers are read a round trip apart. */
const APART = 50
/** Milliseconds at most between two requests of a round. */
const LATEST = 6

/**
 * One round: two requests at about the same moment, each to a process of its own, judged by what is left of them. Which was
 * first. Throws what the judge throws.
 */
export async function round(rounds: Rounds, start: Start, verbs: readonly [Verb, Verb], title: string) {
  const { store, ports, limit } = rounds
  await clear(store)
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
  const left = await settledCopy(store)
  const fresh = createSessions({ store: left })
  const most = limit?.maxPerOwner
  try {
    judge({ store: left, fresh, begun, requests, most, apart: APART, hasFailed: false })
  } catch (error) {
    if (error instanceof Broken)
      error.message += `\n${title}: ${requests.map(({ verb, told }) => `${verb.name}: ${told}`).join(', ')}`
    throw error
  }
}

/** What is there once nothing is tidied up any more, which no answer waits for. */
async function settledCopy(store: SessionStore): Promise<PlainStore> {
  let text = ''
  for (let copies = 0; copies < 100; copies++) {
    const copied = new PlainStore()
    const records = await copy(store, copied)
    if (records === text) return copied
    text = records
    await delay(8)
  }
  throw new Error('What is stored does not come to rest.')
}

/** What was copied, as a text to compare. */
async function copy(from: SessionStore, to: SessionStore): Promise<string> {
  const texts: string[] = []
  for await (const [key, record] of from.records({ all: true })) {
    await to.create(key, record)
    texts.push(`${key} ${record.version} ${[...record.values.keys()]}`)
  }
  return texts.sort().join('\n')
}

async function clear(store: SessionStore): Promise<void> {
  for await (const [key] of store.records({ all: true })) await store.delete(key)
}
