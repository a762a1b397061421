import assert from 'node:assert/strict'
import { type Case, group } from '../case.ts'
import { assertRecord, assertStored, byOwner, change, keysIn, keysOf } from '../looks.ts'
import { collect, longPast, put, putMany } from '../samples.ts'

// More than a page or a batch of any server that we know of has by default.
const MANY = 300

export const listed: Case[] = [
  ...group('listed', {
    'records yields each live session once, and no other': async ({ here, there }) => {
      const live = [await putMany(MANY, there), await putMany(5, here, { owner: 'ada' })]
      await putMany(5, there, { expiresAt: longPast() })
      for (const { key } of await putMany(5, there)) await here.delete(key)
      for (const { key } of await putMany(5, there)) await here.save(key, { expiresAt: 0 })
      assert.deepEqual(await keysIn(here.records()), keysOf(...live))
    },
    'records yields each record as a load would': async ({ here, there }) => {
      const sessions = await putMany(5, there, { owner: 'ada' })
      for (const { key } of sessions) await there.save(key, { set: new Map([['own', `"${key}"`]]) })
      for (const [key, record] of await collect(here.records())) {
        assertRecord(record, (await here.load(key))!)
        assert.equal(record.values.get('own'), `"${key}"`)
      }
    },
    'sessions that stay are listed once while others come and go': async ({ here, there }) => {
      const staying = await putMany(20, there)
      const going = await putMany(20, there)
      const found: string[] = []
      for await (const [key] of here.records()) {
        found.push(key)
        const next = going.pop()
        if (next) await there.delete(next.key)
        if (found.length > 20) continue
        await put(there)
        await put(there, { expiresAt: longPast() })
      }
      for (const { key } of staying) assert.equal(found.filter((each) => each === key).length, 1)
    },
    'a list that is left early holds nothing up': async (stage) => {
      const [first, ...others] = await putMany(20, stage.there)
      for await (const _ of stage.here.records()) break
      const changed = await change(stage.here, first!, { owner: 'ada' })
      for (const { key, record } of others) assertRecord(await stage.here.load(key), record)
      await assertStored(stage, changed, ...others)
    },
    'two lists at once are both complete': async ({ here }) => {
      const sessions = await putMany(20, here)
      const lists = await Promise.all([keysIn(here.records()), keysIn(here.records())])
      assert.deepEqual(lists, [keysOf(sessions), keysOf(sessions)])
    },
  }),
  ...group(
    'listed',
    {
      'byOwner yields each live session of one owner once, and no other': async ({ here, there }) => {
        const anns = await putMany(MANY, there, { owner: 'ann' })
        await putMany(5, there)
        await putMany(5, there, { owner: 'anna' })
        await putMany(5, there, { owner: 'Ann' })
        await putMany(5, there, { owner: 'ann', expiresAt: longPast() })
        for (const { key } of await putMany(5, there, { owner: 'ann' })) await here.delete(key)
        for (const { key } of await putMany(5, there, { owner: 'ann' }))
          await here.save(key, { expiresAt: 0 })
        assert.deepEqual(await keysIn(byOwner(here, 'ann')), keysOf(anns))
        assert.deepEqual(await keysIn(byOwner(here, 'nobody')), [])
      },
      'a session is found by the owner that it has now': async ({ here, there }) => {
        const { key } = await put(here, { owner: 'ann' })
        const steps = [
          { owner: 'bob' },
          { owner: null },
          { owner: 'ann' },
          { set: new Map([['a', '1']]) },
        ] as const
        const found = [['bob'], [], ['ann'], ['ann']]
        assert.deepEqual(await keysIn(byOwner(there, 'ann')), [key])
        for (const [index, change] of steps.entries()) {
          await here.save(key, change)
          for (const owner of ['ann', 'bob']) {
            const expected = found[index]!.includes(owner) ? [key] : []
            assert.deepEqual(await keysIn(byOwner(there, owner)), expected)
          }
        }
      },
      'byOwner yields each record as a load would': async ({ here, there }) => {
        const { key } = await put(there, { owner: 'ann' })
        await there.save(key, { set: new Map([['own', '1']]) })
        const found = await collect(byOwner(here, 'ann'))
        assert.equal(found.length, 1)
        assertRecord(found[0]![1], (await here.load(key))!)
      },
      'every session of an owner can be deleted as it is listed': async ({ here, there }) => {
        await putMany(20, there, { owner: 'ann' })
        const other = await put(there, { owner: 'bob' })
        for await (const [key] of byOwner(here, 'ann')) assert.equal(await here.delete(key), true)
        assert.deepEqual(await keysIn(byOwner(there, 'ann')), [])
        assert.deepEqual(await keysIn(there.records()), [other.key])
      },
    },
    { needs: ['byOwner'] },
  ),
]
