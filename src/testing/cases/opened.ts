import assert from 'node:assert/strict'
import { isPromise } from '../../contract/wait.ts'
import { type Case, group } from '../case.ts'
import { assertAbsent, assertStored, change } from '../looks.ts'
import { collect, longPast, newKey, put, putMany } from '../samples.ts'

/** That the factory isolates: all other cases rely on it. */
export const opened: Case[] = [
  ...group(
    'opened',
    {
      'a fresh store is empty': async ({ here }) => {
        assert.deepEqual(await collect(here.records()), [])
        assert.equal((await here.clearExpired()).removed, 0)
      },
      'a store is empty whatever was left in one before it': async ({ here, open }) => {
        await putMany(3, here)
        await put(here, { expiresAt: longPast() })
        await here.close()
        const next = await open()
        assert.deepEqual(await collect(next.records()), [])
        assert.equal((await next.clearExpired()).removed, 0)
      },
      "two stores don't see each other's sessions": async ({ here, open }) => {
        const other = await open()
        const mine = await put(here)
        await assertAbsent({ here: other, there: other, open }, mine.key)
        assert.equal((await other.save(mine.key, { set: new Map([['mine', 'false']]) })).outcome, 'gone')
        assert.equal(await other.delete(mine.key), false)
        await assertStored({ here, there: here, open }, mine)
      },
      'one key can hold a session in each of two stores': async ({ here, open }) => {
        const other = await open()
        const mine = await put(here)
        assert.equal(await other.create(mine.key, { ...mine.record, owner: 'somebody else' }), true)
        await other.save(mine.key, { delete: ['user'] })
        await assertStored({ here, there: here, open }, mine)
      },
      'closing one store leaves another open': async ({ here, open }) => {
        const other = await open()
        await other.close()
        await assertStored({ here, there: here, open }, await put(here))
      },
      'close may be called twice': async ({ here }) => {
        await put(here)
        await here.close()
        await here.close()
      },
      'a store that says it loads at once never answers load with a promise': async ({ here }) => {
        const { key } = await put(here)
        const answers = [here.load(key), here.load(newKey())]
        if (here.loadsAtOnce) assert.deepEqual(answers.map(isPromise), [false, false])
        await Promise.all(answers)
      },
    },
    { objects: 'one' },
  ),
  ...group(
    'opened',
    {
      'a second store object sees the sessions of the first, and the first those of the second': async (
        stage,
      ) => {
        const first = await put(stage.here)
        await assertStored(stage, first)
        await assertStored(stage, await change(stage.there, await put(stage.there), { owner: 'ada' }))
      },
      'closing one of two store objects leaves the other open and its sessions there': async ({
        here,
        there,
        open,
      }) => {
        const session = await put(here)
        await there.load(session.key)
        await there.close()
        await assertStored({ here, there: here, open }, session)
      },
    },
    { objects: 'two' },
  ),
]
