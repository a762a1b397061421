import assert from 'node:assert/strict'
import type { SessionChange } from '../../contract/record.ts'
import { type Case, group, type Stage } from '../case.ts'
import { savedBy } from '../looks.ts'
import { HOUR, put } from '../samples.ts'

// Written out, not worked out by the code that stores use to count: the two must not agree on an error.
const raises = (by: number, change: () => SessionChange) => async (stage: Stage) => {
  const { key } = await put(stage.there, { owner: 'ada' })
  assert.equal((await stage.here.load(key))?.version, 0)
  for (const version of [by, 2 * by]) {
    assert.equal(savedBy(await stage.there.save(key, change())).version, version)
    assert.equal((await stage.here.load(key))?.version, version)
  }
}

const later = () => Date.now() + HOUR

export const version: Case[] = group('version', {
  'setting a value raises it by one': raises(1, () => ({ set: new Map([['cart', '[]']]) })),
  'setting several values raises it by one': raises(1, () => ({
    set: new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  })),
  'setting a value to the text it has raises it': raises(1, () => ({
    set: new Map([['user', '{"name":"Ada"}']]),
  })),
  'deleting a value raises it': raises(1, () => ({ delete: ['cart'] })),
  'deleting a value that is not there raises it': raises(1, () => ({ delete: ['nothing'] })),
  'setting and deleting in one save raises it by one': raises(1, () => ({
    set: new Map([['cart', '[]']]),
    delete: ['user', 'nothing'],
  })),
  'values, expiry and owner in one save raise it by one': raises(1, () => ({
    set: new Map([['cart', '[]']]),
    expiresAt: later(),
    owner: 'grace',
  })),
  'an expiry alone leaves it': raises(0, () => ({ expiresAt: later() })),
  'an owner alone leaves it': raises(0, () => ({ owner: 'grace' })),
  'taking the owner away leaves it': raises(0, () => ({ owner: null })),
  'an expiry and an owner leave it': raises(0, () => ({ expiresAt: later(), owner: 'grace' })),
  'an empty save leaves it': raises(0, () => ({})),
  'an empty set and an empty delete leave it': raises(0, () => ({ set: new Map(), delete: [] })),
  'a key that one save both deletes and sets is set': async ({ here, there }) => {
    const { key } = await put(there)
    await there.save(key, { delete: ['cart', 'user'], set: new Map([['cart', '"new"']]) })
    assert.deepEqual([...((await here.load(key))?.values ?? [])], [['cart', '"new"']])
  },
})
