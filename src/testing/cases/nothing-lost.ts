import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { SessionKey } from '../../contract/key.ts'
import type { SessionChange, SessionRecord } from '../../contract/record.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertRecord, assertStored, savedBy } from '../looks.ts'
import { HOUR, put, times } from '../samples.ts'

const OVERLAPPING = 50

/** Saves that are all under way before any is waited for, through both objects; the records that they made. */
async function overlap(
  { here, there }: Stage,
  key: SessionKey,
  changes: readonly SessionChange[],
): Promise<SessionRecord[]> {
  const saves = changes.map(async (change, index) => (index % 2 ? here : there).save(key, change))
  return (await Promise.all(saves)).map(savedBy)
}

const setOne = (name: string, text: string): SessionChange => ({ set: new Map([[name, text]]) })

export const nothingLost: Case[] = group('nothing lost', {
  '50 overlapping saves of different values all stay': async (stage) => {
    const { key, record } = await put(stage.here)
    const names = times(OVERLAPPING, (index) => `value ${index}`)
    const changes = names.map((name) => setOne(name, `"${name}"`))
    await overlap(stage, key, changes)
    const values = new Map([...record.values, ...names.map((name) => [name, `"${name}"`] as const)])
    await assertStored(stage, { key, record: { ...record, values, version: OVERLAPPING } })
  },
  'each of 50 overlapping saves is given the record that it made': async (stage) => {
    const { key } = await put(stage.here, { values: new Map() })
    const made = await overlap(
      stage,
      key,
      times(OVERLAPPING, (index) => setOne(`value ${index}`, `${index}`)),
    )
    const versions = made.map(({ version }) => version).sort((a, b) => a - b)
    assert.deepEqual(
      versions,
      times(OVERLAPPING, (index) => index + 1),
    )
    for (const [index, { values, version }] of made.entries()) {
      assert.equal(values.get(`value ${index}`), `${index}`)
      assert.equal(values.size, version, 'as many values as saves up to this one')
    }
  },
  'of 50 overlapping saves of one value the last one stands': async (stage) => {
    const { key } = await put(stage.here)
    const made = await overlap(
      stage,
      key,
      times(OVERLAPPING, (index) => setOne('cart', `[${index}]`)),
    )
    for (const [index, { values }] of made.entries()) assert.equal(values.get('cart'), `[${index}]`)
    const last = made.find(({ version }) => version === OVERLAPPING)
    assert.ok(last, 'one of the saves is the last')
    await assertStored(stage, { key, record: last })
  },
  'overlapping saves that set and that delete all stay': async (stage) => {
    const names = times(OVERLAPPING, (index) => `value ${index}`)
    const { key, record } = await put(stage.here, {
      values: new Map(names.filter((_, index) => index % 3 === 0).map((name) => [name, '"old"'])),
    })
    const changes = names.map((name, index) => (index % 3 === 0 ? { delete: [name] } : setOne(name, '"new"')))
    await overlap(stage, key, changes)
    const kept = names.filter((_, index) => index % 3 !== 0).map((name) => [name, '"new"'] as const)
    await assertStored(stage, { key, record: { ...record, values: new Map(kept), version: OVERLAPPING } })
  },
  'overlapping changes of values, expiry and owner all stay': async (stage) => {
    const { key, record } = await put(stage.here, { owner: 'ada' })
    const expiresAt = record.expiresAt + HOUR
    const values = times(20, (index) => setOne(`value ${index}`, '1'))
    await overlap(stage, key, [
      ...values,
      { expiresAt },
      { expiresAt },
      { owner: 'grace' },
      { owner: 'grace' },
      {},
    ])
    const expected = new Map([...record.values, ...values.flatMap(({ set }) => [...(set ?? [])])])
    await assertStored(stage, {
      key,
      record: { ...record, values: expected, version: 20, expiresAt, owner: 'grace' },
    })
  },
  'saves of one session leave the others alone': async (stage) => {
    const sessions = await Promise.all(times(10, () => put(stage.here)))
    await Promise.all(
      sessions.map(({ key }, index) =>
        overlap(
          stage,
          key,
          times(5, () => setOne('mine', `${index}`)),
        ),
      ),
    )
    for (const [index, { key, record }] of sessions.entries()) {
      const values = new Map([...record.values, ['mine', `${index}`]])
      await assertStored(stage, { key, record: { ...record, values, version: 5 } })
    }
  },
  'a load while saves are under way finds each save whole or not at all': async (stage) => {
    const wide = 'x'.repeat(8000)
    const both = (n: number) =>
      new Map([
        ['left', `"${wide}${n}"`],
        ['right', `"${wide}${n}"`],
      ])
    const { key, record } = await put(stage.here, { values: both(0) })
    let saving = true
    const look = async () => {
      while (saving) {
        const found = await stage.here.load(key)
        assert.ok(found, 'the session is there all the time')
        assertRecord(found, { ...record, values: both(found.version), version: found.version })
        // A store that loads at once, and saves over a wait, would never get to save.
        await setImmediate()
      }
    }
    const save = async () => {
      for (let n = 1; n <= OVERLAPPING; n++) savedBy(await stage.there.save(key, { set: both(n) }))
    }
    await Promise.all([look(), look(), save().finally(() => (saving = false))])
    await assertStored(stage, { key, record: { ...record, values: both(OVERLAPPING), version: OVERLAPPING } })
  },
})
