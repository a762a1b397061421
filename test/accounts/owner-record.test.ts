import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyChange, type SessionRecord } from '../../src/contract/record.ts'
import { newSignIn } from '../../src/owners/belonging.ts'
import { entered, OwnerRecord, raised, signInName } from '../../src/owners/record.ts'
import { newKey, newRecord } from '../support/records.ts'

const SIGN_INS = Array.from({ length: 6 }, () => newSignIn(undefined, undefined))
const KEYS = Array.from({ length: 6 }, () => newKey())

interface Step {
  of: number
  epoch: string
  rank: number
  kind: 'enter' | 'raise' | 'end' | 'damage'
}

const steps = fc.array(
  fc.record<Step>({
    of: fc.nat(SIGN_INS.length - 1),
    epoch: fc.constantFrom('0', 'one', 'two'),
    rank: fc.nat(9),
    kind: fc.constantFrom('enter', 'enter', 'enter', 'raise', 'end', 'damage'),
  }),
  { minLength: 1, maxLength: 12 },
)

function after(record: SessionRecord, { of, epoch, rank, kind }: Step): SessionRecord {
  const signIn = SIGN_INS[of]!
  const name = signInName(signIn)
  if (kind === 'raise') return applyChange(record, { set: raised({ epoch, raisedAt: rank }) })
  if (kind === 'end') return applyChange(record, { delete: [name] })
  if (kind === 'damage') return applyChange(record, { set: new Map([[name, '{']]) })
  return applyChange(record, {
    set: entered({ signIn, epoch, rank, application: null, until: rank }, KEYS[of]!),
  })
}

/** All that it says. */
function said(record: OwnerRecord) {
  const { epoch, signIns, valid, invalid, entries, leftOver, nextRank, neededUntil, olderRaises } = record
  const each = SIGN_INS.map((signIn) => record.validOf(signIn))
  const outdated = record.outdated(5)
  return {
    epoch,
    signIns,
    valid,
    invalid,
    entries,
    leftOver,
    nextRank,
    neededUntil,
    olderRaises,
    each,
    outdated,
  }
}

test('a record says the same whatever was known of it before', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (all, looks) => {
      let record: SessionRecord = { ...newRecord({}), version: 0 }
      let known: OwnerRecord | undefined
      for (const [at, step] of all.entries()) {
        record = after(record, step)
        const alone = new OwnerRecord(record)
        // One that nobody has looked at has nothing taken apart.
        const knowing = new OwnerRecord(record, known)
        if (looks[at]) expect(said(knowing)).toEqual(said(alone))
        known = knowing
      }
    }),
  )
})

test('a record is the next one of another where one change was made to it, and it is the same record', () => {
  const record: SessionRecord = { ...newRecord({}), version: 3 }
  const before = new OwnerRecord(record)
  const isNext = (changes: Partial<SessionRecord>) =>
    new OwnerRecord({ ...record, ...changes }).isNextOf(before)
  expect(isNext({ version: 4 })).toBe(true)
  expect(isNext({ version: 3 })).toBe(false)
  expect(isNext({ version: 5 })).toBe(false)
  expect(isNext({ version: 4, createdAt: record.createdAt + 1 })).toBe(false)
})
