import { describe, expect, test } from 'vitest'
import { storeConformance } from '../../src/testing/conformance.ts'
import { minimalStore } from '../../src/testing/minimal-store.ts'
import { whole } from '../support/whole.ts'
import type { Fault } from './fault.ts'
import { beside } from './faults/beside.ts'
import { expiry } from './faults/expiry.ts'
import { factory } from './faults/factory.ts'
import { freeAgain } from './faults/free-again.ts'
import { gone } from './faults/gone.ts'
import { isolation } from './faults/isolation.ts'
import { listing } from './faults/listing.ts'
import { refusing } from './faults/refusing.ts'
import { saving } from './faults/saving.ts'
import { sweeping } from './faults/sweeping.ts'
import { keys, text } from './faults/text.ts'
import { twoObjects } from './faults/two-objects.ts'
import { versions } from './faults/versions.ts'
import { failing, LONGEST_CASE } from './run-cases.ts'

const faults: Fault[] = [
  ...factory,
  ...saving,
  ...versions,
  ...gone,
  ...freeAgain,
  ...expiry,
  ...isolation,
  ...sweeping,
  ...listing,
  ...text,
  ...keys,
  ...refusing,
  ...beside,
  ...twoObjects,
]

const failed = new Map<Fault, Promise<string[]>>()

/** Run once, whichever test asks first; in the short run no more than the cases that have to fail. */
function failedBy(fault: Fault): Promise<string[]> {
  const titles = failed.get(fault) ?? failing(fault.options, whole ? undefined : fault.caughtBy)
  failed.set(fault, titles)
  return titles
}

describe('a store that breaks a promise fails the cases that show it', () => {
  for (const each of faults) {
    test(each.fault, { timeout: LONGEST_CASE }, async () => {
      expect(await failedBy(each)).toEqual(expect.arrayContaining([...each.caughtBy]))
    })
  }
})

const testInWhole = whole ? test : () => {}

testInWhole('there is no case that no broken store fails', { timeout: LONGEST_CASE }, async () => {
  // A check is the same with one store object and with two: it is enough that it fails with either.
  const check = (title: string) => title.replace(', through two store objects', '')
  const caught = new Set<string>()
  for (const each of faults) for (const title of await failedBy(each)) caught.add(check(title))
  const cases = storeConformance({ open: minimalStore, reopen: () => minimalStore() })
  expect(cases.map(({ title }) => check(title)).filter((title) => !caught.has(title))).toEqual([])
})
