import { describe, expect, test } from 'vitest'
import { adapterConformance } from '../../src/testing.ts'
import { inWhole } from '../support/whole.ts'
import { Adapter, type AdapterFault, LATER, servedBy } from './adapter-faults/adapter.ts'
import { ofCookies, ofHeads, ofTheTime } from './adapter-faults/answers.ts'
import { ofDeclarations } from './adapter-faults/declared.ts'
import { ofEveryAnswer } from './adapter-faults/every-answer.ts'
import {
  ofFailures,
  ofHttps,
  ofOtherSites,
  ofRequests,
  ofStores,
  ofTheProcess,
} from './adapter-faults/opening.ts'

const all: AdapterFault[] = [
  ...ofDeclarations,
  ...ofCookies,
  ...ofHeads,
  ...ofTheTime,
  ...ofEveryAnswer,
  ...ofRequests,
  ...ofOtherSites,
  ...ofHttps,
  ...ofFailures,
  ...ofStores,
]

/** In the short run every fifth. */
const faults = all.filter((_, index) => index % inWhole(1, 5) === 0)

/** The titles of those of its cases that an adapter fails. One that only waits in vain shows nothing. */
async function failedBy({ options, caughtBy }: AdapterFault): Promise<string[]> {
  const cases = adapterConformance(options).filter(
    ({ title, skip }) => skip === undefined && caughtBy.includes(title),
  )
  const results = await Promise.allSettled(cases.map(({ run }) => run()))
  return results.flatMap((result, index) =>
    result.status === 'rejected' && !IN_VAIN.test(result.reason) ? [cases[index]!.title] : [],
  )
}

const IN_VAIN = /was not answered within|^AssertionError.*: within \d+ ms there was no/

/** Without the listeners of the test runner, which takes what nobody catches for a failure of its own. */
async function unwatched<T>(work: () => Promise<T>): Promise<T> {
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  const none = () => {}
  process.on('unhandledRejection', none)
  try {
    return await work()
  } finally {
    process.off('unhandledRejection', none)
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
}

test('an adapter that keeps every promise fails no case, all of them run at the same time', async () => {
  const results = await Promise.allSettled(
    adapterConformance({ serve: servedBy(Adapter) }).map(({ run }) => run()),
  )
  expect(results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))).toEqual([])
})

const failsItsCases = (each: AdapterFault, run = failedBy) =>
  test(each.fault, async () => {
    expect((await run(each)).sort()).toEqual([...each.caughtBy].sort())
  })

describe('an adapter that breaks a promise fails the cases that show it', () => {
  for (const each of faults) failsItsCases(each)
})

describe('so does one that would end the process', () => {
  for (const each of ofTheProcess) failsItsCases(each, (wrong) => unwatched(() => failedBy(wrong)))
})

test('there is no case that no wrong adapter fails', () => {
  // A check is the same over a store that answers at once and one that answers later: it is enough that it fails over one of them.
  const check = (title: string) => title.replace(LATER, '')
  const caught = new Set([...all, ...ofTheProcess].flatMap(({ caughtBy }) => caughtBy.map(check)))
  const checks = new Set(adapterConformance({ serve: servedBy(Adapter) }).map(({ title }) => check(title)))
  expect([...checks].filter((title) => !caught.has(title))).toEqual([])
})
