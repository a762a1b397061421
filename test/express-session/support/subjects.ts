import { expect, onTestFinished, test, vi } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { memoryStore } from '../../../src/memory.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { inWhole } from '../../support/whole.ts'
import { type AnyStore, dropIn, expressSession, type Implementation, untornStore } from './implementation.ts'

/** An implementation over a store: what a case is run on. */
export interface Subject {
  readonly name: string
  readonly session: Implementation
  /** A store with nothing in it, as express-session's are. */
  store(): AnyStore
}

/** The one that says what is right. */
export const original: Subject = {
  name: 'express-session',
  session: expressSession,
  store: () => new expressSession.MemoryStore(),
}

const all: readonly Subject[] = [
  {
    name: 'untorn/express-session over a MemoryStore',
    session: dropIn,
    store: () => new dropIn.MemoryStore(),
  },
  {
    name: 'untorn/express-session over untorn in memory',
    session: dropIn,
    store: () => untornStore(memoryStore()),
  },
  {
    name: 'untorn/express-session over files',
    session: dropIn,
    store: () => {
      const files = fileStore(temporaryDirectory())
      onTestFinished(async () => void (await files.close?.()))
      return untornStore(files)
    },
  },
]

/** With a store of express-session's, and with untorn's own: in memory, and in the whole run in files too. */
export const dropIns: readonly Subject[] = inWhole(all, all.slice(0, 2))

/** Of what an untorn store has no part in. */
export const overMemoryStore = dropIns.slice(0, 1)
export const overUntornStores = dropIns.slice(1)

type Case = (at: Subject) => unknown

/**
 * A case that holds for express-session, and for the drop-in over each of its stores. What it gives back has to be the same
 * for all. The clock stands still while it runs, so that cookies are the same to the byte.
 */
export function same(name: string, run: Case, on: readonly Subject[] = dropIns): void {
  test(name, async () => {
    const expected = await runOn(original, run)
    for (const subject of on) {
      const seen = await runOn(subject, run)
      expect(seen, subject.name).toEqual(expected)
    }
  })
}

/** Of each entry of a table. */
export function sameEach<Row>(
  name: string,
  rows: Readonly<Record<string, Row>>,
  run: (at: Subject, row: Row) => unknown,
  on?: readonly Subject[],
): void {
  for (const [what, row] of Object.entries(rows)) same(`${name}: ${what}`, (at) => run(at, row), on)
}

const START = Math.floor(Date.now() / 1000) * 1000

/** Runs a case at a moment that is the same for all. */
export async function runOn(subject: Subject, run: Case): Promise<unknown> {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  try {
    return await run(subject)
  } catch (error) {
    if (error instanceof Error) error.message = `${subject.name}: ${error.message}`
    throw error
  } finally {
    vi.useRealTimers()
  }
}

/** The clock that all see goes on. */
export function passes(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}
