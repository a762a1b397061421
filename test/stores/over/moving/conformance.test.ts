import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { SessionStore } from '../../../../src/contract/store.ts'
import { fileStore } from '../../../../src/file.ts'
import { memoryStore } from '../../../../src/memory.ts'
import { type MovingOptions, moving } from '../../../../src/stores/over/moving/moving.ts'
import { minimalStore } from '../../../../src/testing/minimal-store.ts'
import type { ConformanceOptions } from '../../../../src/testing.ts'
import { inWhole, whole } from '../../../support/whole.ts'
import { delayedStore } from '../../../testing/delayed-store.ts'
import { casesOf, testConformance } from '../../../testing/run-cases.ts'
import { withSessionsIn } from './before.ts'

type WriteTo = NonNullable<MovingOptions['writeTo']>

/** Two stores, and others over their data. */
interface Stores {
  from: SessionStore
  to: SessionStore
  again(): Stores
}

const directory = mkdtempSync(join(tmpdir(), 'untorn-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let opened = 0

const inMemory = (): Stores => {
  const [from, to] = [new Map(), new Map()]
  const again = (): Stores => ({ from: minimalStore(from), to: minimalStore(to), again })
  return again()
}

const byLateAnswers = (): Stores => {
  const late = ({ from, to, again }: Stores): Stores => ({
    from: delayedStore(from),
    to: delayedStore(to),
    again: () => late(again()),
  })
  return late(inMemory())
}

const inFiles = (): Stores => {
  const [from, to] = [join(directory, `${opened++}`), join(directory, `${opened++}`)]
  const again = (): Stores => ({ from: fileStore(from), to: fileStore(to), again })
  return again()
}

/** `here` and `there`: where the first object writes to, and a second one. `begun`: sessions are created in `from`. */
function overBoth(
  make: () => Stores,
  here: WriteTo,
  there: WriteTo,
  begun: 'in from' | 'by moving',
): ConformanceOptions<SessionStore> {
  const stores = new WeakMap<SessionStore, Stores>()
  const over = (pair: Stores, writeTo: WriteTo): SessionStore => {
    const { from, to } = pair
    const plain = moving({ from, to, writeTo })
    const store = begun === 'in from' ? withSessionsIn(from, plain) : plain
    stores.set(store, pair)
    return store
  }
  return {
    open: () => over(make(), here),
    reopen: (store) => over(stores.get(store)!.again(), there),
  }
}

describe('moving keeps the contract', () => {
  for (const writeTo of inWhole<readonly WriteTo[]>(['to', 'from'], ['to'])) {
    describe(`of what was created by it, writing to ${writeTo}`, () =>
      testConformance(overBoth(inMemory, writeTo, writeTo, 'by moving')))
    describe(`of what was in from before, writing to ${writeTo}`, () =>
      testConformance(overBoth(inMemory, writeTo, writeTo, 'in from')))
  }
  if (whole) describe('in files', () => testConformance(overBoth(inFiles, 'to', 'to', 'in from')))
  describe('between the memory of one process', () =>
    testConformance({
      open: () => moving({ from: memoryStore(), to: memoryStore() }),
      without: { reopen: 'nobody else sees the memory of this process' },
    }))
})

describe('two processes of different steps keep it together', () => {
  describe('in memory', () => testConformance(overBoth(inMemory, 'from', 'to', 'in from')))
  if (whole)
    describe.concurrent('by late answers', () => testLate(overBoth(byLateAnswers, 'from', 'to', 'in from')))
})

describe.concurrent('moving keeps the contract by late answers', () =>
  testLate(overBoth(byLateAnswers, 'to', 'to', 'in from')))

/** Saves that overlap with the move have versions of their own, but not the next ones. */
const CONSECUTIVE = 'each of 50 overlapping saves is given the record that it made'

function testLate(options: ConformanceOptions<SessionStore>): void {
  const cases = casesOf(options)
  const others = cases.filter(({ title }) => !title.includes(CONSECUTIVE))
  test('all but one case, through one object and two', () =>
    expect(cases.length - others.length).toBe(inWhole(2, 1)))
  for (const { title, run } of others) test(title, run)
}
