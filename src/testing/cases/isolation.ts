import assert from 'node:assert/strict'
import type { SessionRecord } from '../../contract/record.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertRecord, assertStored, byOwner, savedBy } from '../looks.ts'
import { collect, newKey, newRecord, put, type Stored } from '../samples.ts'

/** Changes all that can be changed of a record; one that is frozen is as well isolated as a copy. */
function spoil(record: Omit<SessionRecord, 'version'>): void {
  for (const [name, value] of Object.entries({ version: 99, createdAt: 1, expiresAt: 0, owner: 'eve' })) {
    Reflect.set(record, name, value)
  }
  try {
    const values = record.values as Map<string, string>
    values.set('user', '"Eve"')
    values.delete('cart')
  } catch (error) {
    assert.ok(error instanceof TypeError, 'what refuses to be changed does so by a TypeError')
  }
  Reflect.set(record, 'values', new Map())
}

/** A case: what `give` hands out is spoilt, and nobody notices. */
const survives =
  (give: (stage: Stage, session: Stored) => Promise<SessionRecord[]>) => async (stage: Stage) => {
    const session = await put(stage.there, { owner: 'ada' })
    const given = await give(stage, session)
    assert.ok(given.length > 0, 'something should be handed out')
    for (const record of given) spoil(record)
    await assertStored(stage, session)
  }

const recordsIn = async (listing: AsyncIterable<[unknown, SessionRecord]>) =>
  (await collect(listing)).map(([, record]) => record)

export const isolation: Case[] = [
  ...group('isolated', {
    "a record that was given to create is the caller's to change": async (stage) => {
      const key = newKey()
      const given = newRecord({ owner: 'ada' })
      const expected = { ...given, values: new Map(given.values), version: 0 }
      await stage.here.create(key, given)
      spoil(given)
      await assertStored(stage, { key, record: expected })
    },
    "a change that was given to save is the caller's to change": async (stage) => {
      const { key, record } = await put(stage.here)
      const given = { set: new Map([['a', '1']]), delete: ['nothing'], owner: 'ada' }
      await stage.here.save(key, given)
      given.set.set('a', '2').set('b', '2')
      given.delete.push('user')
      given.owner = 'eve'
      const values = new Map([...record.values, ['a', '1']])
      await assertStored(stage, { key, record: { ...record, values, version: 1, owner: 'ada' } })
    },
    'what a store is given it leaves as it was': async ({ here }) => {
      const key = newKey()
      const record = Object.freeze(newRecord({ owner: 'ada' }))
      const change = Object.freeze({
        set: new Map([['a', '1']]),
        delete: Object.freeze(['cart']),
        owner: null,
      })
      const before = structuredClone([record, change])
      await here.create(key, record)
      await here.save(key, change, Object.freeze({ ifVersion: 0 }))
      await here.save(key, change, Object.freeze({ ifVersion: 0 }))
      await here.clearExpired(Object.freeze({}))
      assert.deepEqual([record, change], before)
    },
    "a loaded record is the caller's to change": survives(async ({ here }, { key }) => [
      (await here.load(key))!,
    ]),
    'two callers that load one session have a record each': async ({ here, there }) => {
      const { key, record } = await put(here)
      const [mine, yours] = [await here.load(key), await there.load(key)]
      spoil(mine!)
      assertRecord(yours, record)
    },
    "the record that a save returned is the caller's to change": survives(async ({ here }, { key }) => [
      savedBy(await here.save(key, {})),
    ]),
    "the record that a change of values returned is the caller's to change": async (stage) => {
      const { key, record } = await put(stage.there)
      const set = new Map([['cart', '["plum"]']])
      spoil(savedBy(await stage.here.save(key, { set })))
      await assertStored(stage, {
        key,
        record: { ...record, values: new Map([...record.values, ...set]), version: 1 },
      })
    },
    "the record that a conflict hands over is the caller's to change": survives(async ({ here }, { key }) => {
      const result = await here.save(key, { delete: ['user'] }, { ifVersion: 5 })
      assert.ok(result.outcome === 'conflict', `the save should conflict, not be ${result.outcome}`)
      return [result.record]
    }),
    "listed records are the caller's to change": survives(async ({ here }) => recordsIn(here.records())),
  }),
  ...group(
    'isolated',
    {
      "records listed by owner are the caller's to change": survives(async ({ here }) =>
        recordsIn(byOwner(here, 'ada')),
      ),
    },
    { needs: ['byOwner'] },
  ),
]
