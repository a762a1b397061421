import { describe, expect, test } from 'vitest'
import {
  byHalves,
  deletesNothing,
  eachRequest,
  type Fault,
  faultyStore,
  firstWriterWins,
  forgetful,
  keepsDeletedValues,
  lastWriterWins,
  reviving,
  sharedValues,
  shortLived,
  unconditional,
} from './faults.ts'
import { slowRequests } from './groups/slow-requests.ts'
import { groups } from './groups.ts'
import { inTime } from './race.ts'
import { oneServer } from './serve.ts'
import { STEPS } from './steps.ts'

const races = groups.flatMap((group) => group.races)

/** What each bad store does to its users: these races are lost on it, and no others. */
const hasRaceCondition: readonly [Fault, ...string[]][] = [
  [
    lastWriterWins,
    'each sets a value of its own: both stay',
    'one sets a value while the other deletes another: both happen',
    'one changes a list that the other looks at: what it saves besides leaves the list alone',
    'twenty each set a value of their own at the same moment: all twenty stay',
    'update(): ten requests count one view each, all from the same number: ten more',
    'increment(): ten requests add at the same moment: nothing is missing',
    'merge: union: two tabs put an article in the cart, one puts one back: the cart is right',
    'merge: counter: ten requests add to the points at the same moment: nothing is missing',
    'merge: a function of the application: of two bids the higher stays, though it came first',
    'five requests take the notice that all of them see: exactly one gets it',
    'a slow request that saves something else does not bring the notice back',
    'five requests flash and five show at the same moment: each message is shown once',
    'five requests show the messages that all of them see: each is shown once',
    'a slow request that had read the old one gets the new one, and fetches none',
    'others save while it is fetched: nothing of theirs is lost, nor the token',
    'a fetch that takes too long is replaced: all have the token of the one that was first',
    'one is set by hand while it is fetched: that stands, and the next one to ask fetches at once',
    'that has looked into an object leaves it to who changes it meanwhile',
    'which saves before the new id: its change comes along',
  ],
  [
    reviving,
    'who signs out meanwhile is signed out: nobody fetches for a session that is gone',
    ...slow('which % after it: refused, and the visitor stays signed in'),
    'which takes a notice after it: gets none, and the visitor finds it',
    'which signs in too, a double click: both are answered, and the visitor is signed in',
    ...slow('which then %: answered, not saved, and nobody comes back'),
    'which takes a notice after it: gets none',
    'which signs in: the sign-out was first, and nobody is signed in',
    ...slow('and then %: answered, not saved, and it stays ended'),
  ],
  [
    unconditional,
    'update(): ten requests count one view each, all from the same number: ten more',
    'increment(): ten requests add at the same moment: nothing is missing',
    'merge: union: two tabs put an article in the cart, one puts one back: the cart is right',
    'merge: counter: ten requests add to the points at the same moment: nothing is missing',
    'merge: a function of the application: of two bids the higher stays, though it came first',
    'five requests take the notice that all of them see: exactly one gets it',
    'five requests flash and five show at the same moment: each message is shown once',
    'five requests show the messages that all of them see: each is shown once',
    'a slow request that had read the old one gets the new one, and fetches none',
    'others save while it is fetched: nothing of theirs is lost, nor the token',
    'a fetch that takes too long is replaced: all have the token of the one that was first',
    'one is set by hand while it is fetched: that stands, and the next one to ask fetches at once',
    'which saves before the new id: its change comes along',
  ],
  [
    firstWriterWins,
    'each sets a value of its own: both stay',
    'one sets a value while the other deletes another: both happen',
    'one changes a list that the other looks at: what it saves besides leaves the list alone',
    'twenty each set a value of their own at the same moment: all twenty stay',
    'both set the same value: the one that saves last stays, whoever began first',
    'update(): ten requests count one view each, all from the same number: ten more',
    'increment(): ten requests add at the same moment: nothing is missing',
    'merge: union: two tabs put an article in the cart, one puts one back: the cart is right',
    'merge: counter: ten requests add to the points at the same moment: nothing is missing',
    'five requests take the notice that all of them see: exactly one gets it',
    'a slow request that saves something else does not bring the notice back',
    'five requests flash and five show at the same moment: each message is shown once',
    'five requests show the messages that all of them see: each is shown once',
    'ten requests find it too old at the same moment: one fetches, all have the new one',
    'a slow request that had read the old one gets the new one, and fetches none',
    'others save while it is fetched: nothing of theirs is lost, nor the token',
    'a fetch that takes too long is replaced: all have the token of the one that was first',
    'one is set by hand while it is fetched: that stands, and the next one to ask fetches at once',
    'that has looked into an object leaves it to who changes it meanwhile',
    'which saves before the new id: its change comes along',
  ],
  [
    sharedValues,
    'merge: a function of the application: of two bids the higher stays, though it came first',
    'a slow request that had read the old one gets the new one, and fetches none',
    'sees the session as it was when it opened it, and costs no write',
    'which deletes a value after it: refused, and the visitor stays signed in',
    'which then deletes a value: answered, not saved, and nobody comes back',
    'which only reads: not disturbed',
  ],
  [byHalves, 'however it meets a change sees it whole or not at all'],
  [
    deletesNothing,
    'who signs out meanwhile is signed out: nobody fetches for a session that is gone',
    ...slow('which % after it: refused, and the visitor stays signed in'),
    'which takes a notice after it: gets none, and the visitor finds it',
    'which opens its session only after it: anonymous, and the visitor stays signed in',
    'whoever knows the old id gains nothing by it',
    'which signs in too, a double click: both are answered, and the visitor is signed in',
    'whose answer never arrives can be done again with the old id',
    ...slow('which then %: answered, not saved, and nobody comes back'),
    'which takes a notice after it: gets none',
    'which opens its session only after it: anonymous, under another id',
    'which signs in: the sign-out was first, and nobody is signed in',
    ...slow('and then %: answered, not saved, and it stays ended'),
    'and only reads: not disturbed, and it does not live on',
    'and the visitor begins anew: another id, and nothing of the old session',
  ],
  [
    keepsDeletedValues,
    'one sets a value while the other deletes another: both happen',
    'five requests take the notice that all of them see: exactly one gets it',
    'a slow request that saves something else does not bring the notice back',
    'five requests flash and five show at the same moment: each message is shown once',
    'five requests show the messages that all of them see: each is shown once',
    'one is set by hand while it is fetched: that stands, and the next one to ask fetches at once',
  ],
  [
    forgetful,
    'which opens its session only after it: anonymous, and the visitor stays signed in',
    'whoever knows the old id gains nothing by it',
    'which signs in too, a double click: both are answered, and the visitor is signed in',
  ],
  [
    shortLived,
    'sees the session as it was when it opened it, and costs no write',
    'that has looked into an object leaves it to who changes it meanwhile',
  ],
]

/** The titles that differ only in what the slow request does. */
function slow(title: string): string[] {
  return slowRequests.map(({ what }) => title.replace('%', what))
}

/** The races that notice the fault: who waits for ever has noticed as well. */
async function caughtBy(fault: Fault): Promise<string[]> {
  const site = await oneServer(() => faultyStore(fault), { first: eachRequest })
  try {
    const failed: string[] = []
    for (const { title, run } of races) await inTime(run(site)).catch(() => failed.push(title))
    return failed
  } finally {
    await site.close()
  }
}

describe('HAS RACE CONDITION', () => {
  for (const [fault, ...titles] of hasRaceCondition) {
    test(fault.fault, async () => expect(await caughtBy(fault)).toEqual(titles))
  }
})

test('without a fault, the same store passes every race', async () => {
  expect(await caughtBy({ fault: 'none', verbs: () => ({}) })).toEqual([])
})

test('each race can fail: there is a fault that it catches', () => {
  const caught = new Set([
    ...hasRaceCondition.flatMap(([, ...titles]) => titles),
    ...STEPS.map(({ foundBy }) => foundBy),
  ])
  expect(races.map(({ title }) => title).filter((title) => !caught.has(title))).toEqual([])
  expect(new Set(races.map(({ title }) => title)).size).toBe(races.length)
})
