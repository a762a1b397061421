import assert from 'node:assert/strict'
import type { SessionKey } from '../../contract/key.ts'
import type { SessionChange } from '../../contract/record.ts'
import type { SaveOptions } from '../../contract/store.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertAbsent } from '../looks.ts'
import { HOUR, put } from '../samples.ts'

const ROUNDS = 10

/** Saves of every kind, none of them waited for. */
function startSaves({ here, there }: Stage, key: SessionKey) {
  const kinds: [SessionChange, SaveOptions?][] = [
    [{ set: new Map([['user', '"Eve"']]) }],
    [{ set: new Map([['user', '"Eve"']]), expiresAt: Date.now() + HOUR }],
    [{ expiresAt: Date.now() + HOUR }],
    [{ owner: 'eve' }],
    [{ set: new Map([['count', '1']]) }, { ifVersion: 0 }],
    [{}],
  ]
  const saves = kinds.flatMap(([change, options]) => [
    (async () => here.save(key, change, options))(),
    (async () => there.save(key, change, options))(),
  ])
  const all = Promise.all(saves)
  // Looked at later, when a check before it may have failed already.
  all.catch(() => {})
  return all
}

export const gone: Case[] = group('gone is gone', {
  'saves under way before and after a delete do not bring the session back': async (stage) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { key } = await put(stage.here)
      const before = startSaves(stage, key)
      const deletion = (async () => stage.there.delete(key))()
      const after = startSaves(stage, key)
      assert.equal(await deletion, true)
      await assertAbsent(stage, key)
      await Promise.all([before, after])
      await assertAbsent(stage, key)
    }
  },
  'a session is absent as soon as its delete has returned, whatever is under way': async (stage) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { key } = await put(stage.here)
      const saves = startSaves(stage, key)
      await stage.here.delete(key)
      assert.equal(await stage.there.load(key), undefined)
      const late = await startSaves(stage, key)
      assert.deepEqual([...new Set(late.map(({ outcome }) => outcome))], ['gone'])
      await saves
      assert.equal(await stage.there.exists(key), false)
    }
  },
  'a delete and a sweep at once leave nothing, and no other session is hurt': async (stage) => {
    const kept = await put(stage.here)
    for (let round = 0; round < ROUNDS; round++) {
      const { key } = await put(stage.here)
      const [found] = await Promise.all([(async () => stage.here.delete(key))(), stage.there.clearExpired()])
      assert.equal(found, true)
      await assertAbsent(stage, key)
    }
    assert.equal(await stage.here.exists(kept.key), true)
  },
})
