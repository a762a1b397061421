import { describe, expect, test } from 'vitest'
import { type AdapterConformanceOptions, adapterConformance } from '../../src/testing.ts'
import { inWhole, whole } from '../support/whole.ts'
import { Adapter, type AdapterFault, LATER, servedBy } from './adapter-faults/adapter.ts'
import { ofCookies, ofHeads, ofTheTime } from './adapter-faults/answers.ts'
import { ofDeclarations } from './adapter-faults/declared.ts'
import { ofFailures, ofHttps, ofRequests, ofStores, ofTheProcess } from './adapter-faults/opening.ts'

const all: AdapterFault[] = [
  ...ofDeclarations,
  ...ofCookies,
  ...ofHeads,
  ...ofTheTime,
  ...ofRequests,
  ...ofHttps,
  ...ofFailures,
  ...ofStores,
]

/** In the short run every fifth. */
const faults = all.filter((_, index) => index % inWhole(1, 5) === 0)

/** So many cases are run at the same time: more, and answers take as long on a busy machine as a case waits for them. */
const AT_ONCE = 16

/** The titles of the cases that fail, of all, or of those that are asked. One that only waits in vain shows nothing. */
async function failing(options: AdapterConformanceOptions, asked?: readonly string[]): Promise<string[]> {
  const cases = adapterConformance(options).filter(
    ({ title, skip }) => skip === undefined && (asked?.includes(title) ?? true),
  )
  const titles: string[] = []
  for (let at = 0; at < cases.length; at += AT_ONCE) {
    const some = cases.slice(at, at + AT_ONCE)
    const results = await Promise.allSettled(some.map(({ run }) => run()))
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected' && !IN_VAIN.test(result.reason)) titles.push(some[index]!.title)
    }
  }
  return titles
}

const IN_VAIN = /was not answered within|^AssertionError.*: within \d+ ms there was no/

const failed = new Map<AdapterFault, Promise<string[]>>()

/** Run once, whichever test asks first; in the short run no more than the cases that have to fail. */
function failedBy(fault: AdapterFault): Promise<string[]> {
  const run = () => failing(fault.options, whole ? undefined : fault.caughtBy)
  const titles = failed.get(fault) ?? (ofTheProcess.includes(fault) ? unwatched(run) : run())
  failed.set(fault, titles)
  return titles
}

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

const failsItsCases = (each: AdapterFault) =>
  test(each.fault, async () => {
    expect(await failedBy(each)).toEqual(expect.arrayContaining([...each.caughtBy]))
  })

describe('an adapter that breaks a promise fails the cases that show it', () => {
  for (const each of faults) failsItsCases(each)
})

describe('so does one that would end the process', () => {
  for (const each of ofTheProcess) failsItsCases(each)
})

const testInWhole = whole ? test : () => {}

testInWhole('there is no case that no wrong adapter fails', async () => {
  // A check is the same over a store that answers at once and one that answers later: it is enough that it fails over one of them.
  const check = (title: string) => title.replace(LATER, '')
  const caught = new Set<string>()
  for (const each of [...faults, ...ofTheProcess])
    for (const title of await failedBy(each)) caught.add(check(title))
  const cases = adapterConformance({ serve: servedBy(Adapter) })
  expect(cases.map(({ title }) => check(title)).filter((title) => !caught.has(title))).toEqual([])
})
