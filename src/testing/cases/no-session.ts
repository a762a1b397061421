import assert from 'node:assert/strict'
import { applyChange } from '../../contract/record.ts'
import { type Case, group } from '../case.ts'
import { assertRecord, byOwner, countOf, keysIn, keysOf, savedBy } from '../looks.ts'
import {
  collect,
  longPast,
  newKeyOfNoSession,
  newRecord,
  put,
  putMany,
  putManyOfNoSession,
} from '../samples.ts'

/** Records that are no sessions, which their keys tell: kept as any other, and left out where sessions are looked for. */
export const noSession: Case[] = [
  ...group('no session', {
    'a record of none is created, loaded and saved as any other': async ({ here, there }) => {
      const { key, record } = await put(there, { owner: 'ada' }, newKeyOfNoSession())
      assertRecord(await here.load(key), record)
      assert.equal(await here.exists(key), true)
      assert.equal(await here.create(key, newRecord()), false)
      const change = { set: new Map([['seen', 'true']]), owner: null }
      assertRecord(savedBy(await here.save(key, change, { ifVersion: 0 })), applyChange(record, change))
      assertRecord(await there.load(key), applyChange(record, change))
    },
    'a record of none is deleted and expires as any other': async ({ here, there }) => {
      const deleted = await put(there, {}, newKeyOfNoSession())
      assert.equal(await here.delete(deleted.key), true)
      const expired = await put(there, { expiresAt: longPast() }, newKeyOfNoSession())
      for (const { key } of [deleted, expired]) {
        assert.equal(await here.load(key), undefined)
        assert.equal((await here.save(key, { set: new Map([['a', '1']]) })).outcome, 'gone')
      }
      assert.deepEqual(await keysIn(here.records({ all: true })), [])
    },
    'records leaves it out': async ({ here, there }) => {
      const sessions = await putMany(5, there)
      await putManyOfNoSession(5, there)
      assert.deepEqual(await keysIn(here.records()), keysOf(sessions))
      assert.deepEqual(await keysIn(here.records({ all: false })), keysOf(sessions))
    },
    'records yields it, and each session, when it is asked for all': async ({ here, there }) => {
      const others = await putManyOfNoSession(5, there)
      const all = keysOf(await putMany(5, there), others)
      assert.deepEqual(await keysIn(here.records({ all: true })), all)
      const found = new Map(await collect(here.records({ all: true })))
      for (const { key, record } of others) assertRecord(found.get(key), record)
    },
    'a sweep removes it, and does not count it': async ({ here, there }) => {
      const live = await putManyOfNoSession(3, there)
      await putManyOfNoSession(5, there, { expiresAt: longPast() })
      assert.deepEqual(await here.clearExpired(), { scanned: 0, removed: 0 })
      assert.deepEqual(await keysIn(here.records({ all: true })), keysOf(live))
    },
  }),
  ...group(
    'no session',
    {
      'byOwner leaves it out': async ({ here, there }) => {
        const sessions = await putMany(5, there, { owner: 'ada' })
        await putManyOfNoSession(5, there, { owner: 'ada' })
        assert.deepEqual(await keysIn(byOwner(here, 'ada')), keysOf(sessions))
      },
    },
    { needs: ['byOwner'] },
  ),
  ...group(
    'no session',
    {
      'count leaves it out': async ({ here, there }) => {
        await putMany(5, there)
        await putManyOfNoSession(5, there)
        assert.equal(await countOf(here), 5)
      },
    },
    { needs: ['count'] },
  ),
]
