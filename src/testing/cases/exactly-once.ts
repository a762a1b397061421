import assert from 'node:assert/strict'
import type { SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { SessionStore } from '../../contract/store.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertAbsent, assertConflict, assertRecord, assertStored, savedBy } from '../looks.ts'
import { newKey, newRecord, put, times } from '../samples.ts'

const RIVALS = 20
const ENDED = { expiresAt: 0 }

const alternating = ({ here, there }: Stage, index: number): SessionStore => (index % 2 ? here : there)

// Each conflict means that another loop got further, so that this many in a row are a store that never saves.
const MOST_TRIES = 5000

/** Adds one to a count, however often others get in between. */
async function increment(store: SessionStore, key: SessionKey): Promise<void> {
  let current: SessionRecord | undefined = await store.load(key)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    assert.ok(current, 'the session is there all the time')
    const count = Number(current.values.get('count') ?? 0)
    const set = new Map([['count', `${count + 1}`]])
    const result = await store.save(key, { set }, { ifVersion: current.version })
    if (result.outcome === 'saved') return
    assert.equal(result.outcome, 'conflict')
    current = result.outcome === 'conflict' ? result.record : undefined
  }
  assert.fail(`a conditional save conflicted ${MOST_TRIES} times in a row`)
}

export const exactlyOnce: Case[] = group('exactly once', {
  'of 20 overlapping saves that name one version exactly one is saved': async (stage) => {
    const { key, record } = await put(stage.here)
    const results = await Promise.all(
      times(RIVALS, async (index) =>
        alternating(stage, index).save(key, { set: new Map([['winner', `${index}`]]) }, { ifVersion: 0 }),
      ),
    )
    const winners = results.flatMap(({ outcome }, index) => (outcome === 'saved' ? [index] : []))
    assert.equal(winners.length, 1, 'one is saved')
    const values = new Map([...record.values, ['winner', `${winners[0]}`]])
    const expected = { ...record, values, version: 1 }
    for (const [index, result] of results.entries()) {
      if (index === winners[0]) assertRecord(savedBy(result), expected)
      else assertConflict(result, expected)
    }
    await assertStored(stage, { key, record: expected })
  },
  '200 increments from 8 overlapping loops lose none': async (stage) => {
    const { key, record } = await put(stage.here, { values: new Map([['count', '0']]) })
    const loop = async (store: SessionStore) => {
      for (let n = 0; n < 25; n++) await increment(store, key)
    }
    await Promise.all(times(8, (index) => loop(alternating(stage, index))))
    const values = new Map([['count', '200']])
    await assertStored(stage, { key, record: { ...record, values, version: 200 } })
  },
  'of 20 overlapping creations under one key exactly one takes it': async (stage) => {
    const key = newKey()
    const records = times(RIVALS, (index) => newRecord({ values: new Map([['creator', `${index}`]]) }))
    const taken = await Promise.all(
      records.map(async (record, index) => alternating(stage, index).create(key, record)),
    )
    const creators = records.filter((_, index) => taken[index])
    assert.equal(creators.length, 1, 'one of them')
    await assertStored(stage, { key, record: { ...creators[0]!, version: 0 } })
  },
  'of 20 overlapping deletions exactly one finds the session': async (stage) => {
    const { key } = await put(stage.here)
    const found = await Promise.all(times(RIVALS, async (index) => alternating(stage, index).delete(key)))
    assert.equal(found.filter(Boolean).length, 1)
    await assertAbsent(stage, key)
  },
  'a session is ended by the save that names its version': async (stage) => {
    const { key, record } = await put(stage.there)
    const ended = savedBy(await stage.here.save(key, ENDED, { ifVersion: 0 }))
    assertRecord(ended, { ...record, ...ENDED })
    await assertAbsent(stage, key)
    for (const store of [stage.here, stage.there]) assert.equal((await store.save(key, {})).outcome, 'gone')
  },
  'a session is not ended by a save that names another version': async (stage) => {
    const { key, record } = await put(stage.there)
    await stage.here.load(key)
    const set = new Map([['cart', '["plum"]']])
    const current = savedBy(await stage.there.save(key, { set }))
    assertConflict(await stage.here.save(key, ENDED, { ifVersion: record.version }), current)
    await assertStored(stage, { key, record: current })
  },
  'of 20 overlapping saves that end a session by its version exactly one does, and the others find it gone':
    async (stage) => {
      const { key } = await put(stage.here)
      const ends = times(RIVALS, async (index) =>
        alternating(stage, index).save(key, ENDED, { ifVersion: 0 }),
      )
      const outcomes = (await Promise.all(ends)).map(({ outcome }) => outcome).sort()
      assert.deepEqual(outcomes, [...times(RIVALS - 1, () => 'gone'), 'saved'])
      await assertAbsent(stage, key)
    },
  'a session is either ended by its version or changed before, never both': async (stage) => {
    for (const order of times(10, (index) => index)) {
      const { key } = await put(stage.here)
      const end = async () => stage.here.save(key, ENDED, { ifVersion: 0 })
      const save = async () => stage.there.save(key, { set: new Map([['cart', '[]']]) })
      const results = await Promise.all(order % 2 ? [end(), save()] : [save(), end()])
      const [ended, saved] = (order % 2 ? results : results.reverse()).map(({ outcome }) => outcome)
      const either = ended === 'saved' ? ['saved', 'gone'] : ['conflict', 'saved']
      assert.deepEqual([ended, saved], either)
      assert.equal(await stage.there.exists(key), ended === 'conflict')
    }
  },
})
