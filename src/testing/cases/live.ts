import assert from 'node:assert/strict'
import { applyChange, type SessionChange } from '../../contract/record.ts'
import { type Case, group, type Stage } from '../case.ts'
import {
  assertAbsent,
  assertConflict,
  assertRecord,
  assertStored,
  byOwner,
  change,
  listed,
  savedBy,
} from '../looks.ts'
import { HOUR, newKey, newRecord, put, type Stored } from '../samples.ts'

type Prepare = (stage: Stage) => Promise<Stored>
type Operate = (stage: Stage, session: Stored) => Promise<void>

/** Live sessions, each seen by the object that is asked before another one made it what it is. */
const states: Record<string, Prepare> = {
  'a new session': async ({ here, there }) => {
    const key = newKey()
    await here.load(key)
    const record = newRecord({ owner: 'ada' })
    assert.equal(await there.create(key, record), true)
    return { key, record: { ...record, version: 0 } }
  },
  'a session with changed values': async (stage) =>
    changedThere(stage, { set: new Map([['cart', '[]']]), delete: ['user', 'nothing'] }),
  'a session with another expiry and owner': async (stage) =>
    changedThere(stage, { expiresAt: Date.now() + 2 * HOUR, owner: 'grace' }),
  'a session without values': async (stage) => changedThere(stage, { delete: ['user', 'cart'] }),
}

async function changedThere({ here, there }: Stage, made: SessionChange): Promise<Stored> {
  const { key, record } = await put(there, { owner: 'ada' })
  assertRecord(await here.load(key), record)
  return change(there, { key, record }, made)
}

function saves(make: (session: Stored) => SessionChange): Operate {
  return async (stage, session) => assertStored(stage, await change(stage.here, session, make(session)))
}

function savesConditionally(make: (session: Stored) => SessionChange): Operate {
  return async (stage, { key, record }) => {
    const made = make({ key, record })
    const expected = applyChange(record, made)
    assertRecord(savedBy(await stage.here.save(key, made, { ifVersion: record.version })), expected)
    await assertStored(stage, { key, record: expected })
  }
}

function conflicts(versionsAway: number): Operate {
  return async (stage, { key, record }) => {
    const lost = {
      set: new Map([['lost', '1']]),
      delete: ['cart'],
      expiresAt: Date.now() + 9 * HOUR,
      owner: null,
    }
    const result = await stage.here.save(key, lost, { ifVersion: record.version + versionsAway })
    assertConflict(result, record)
    await assertStored(stage, { key, record })
  }
}

const valueChange = (): SessionChange => ({ set: new Map([['seen', 'true']]), delete: ['cart'] })

const operations: Record<string, Operate> = {
  'creating {it} once more is refused, and the first record stands': async (stage, { key, record }) => {
    assert.equal(
      await stage.here.create(key, newRecord({ values: new Map([['mine', '1']]), owner: 'eve' })),
      false,
    )
    await assertStored(stage, { key, record })
  },
  'loading {it} returns it as it is': assertStored,
  'saving values to {it} applies to what is there now': saves(valueChange),
  'saving everything at once to {it} applies it whole': saves(() => ({
    ...valueChange(),
    expiresAt: Date.now() + 3 * HOUR,
    owner: 'edsger',
  })),
  'saving only an expiry to {it} leaves the rest': saves(() => ({ expiresAt: Date.now() + 3 * HOUR })),
  'setting the owner of {it} leaves the rest': saves(() => ({ owner: 'edsger' })),
  'taking the owner from {it} leaves the rest': saves(() => ({ owner: null })),
  'an empty save to {it} only looks': saves(() => ({})),
  'an empty set and an empty delete saved to {it} only look': saves(() => ({ set: new Map(), delete: [] })),
  'a save to {it} that names its version is saved': savesConditionally(valueChange),
  'an expiry saved to {it} by its version is saved': savesConditionally(() => ({
    expiresAt: Date.now() + 3 * HOUR,
  })),
  'an empty save to {it} that names its version only looks': savesConditionally(() => ({})),
  'a save to {it} that names an older version conflicts and changes nothing': async (stage, session) =>
    conflicts(-1)(
      stage,
      session.record.version > 0 ? session : await change(stage.there, session, valueChange()),
    ),
  'a save to {it} that names a version to come conflicts and changes nothing': conflicts(1),
  'an empty save to {it} that names another version conflicts': async ({ here }, { key, record }) =>
    assertConflict(await here.save(key, {}, { ifVersion: record.version + 1 }), record),
  'deleting {it} says that it was there, and it is gone': async (stage, { key }) => {
    assert.equal(await stage.here.delete(key), true)
    await assertAbsent(stage, key)
  },
  'a sweep leaves {it} as it is': async (stage, session) => {
    assert.equal((await stage.here.clearExpired()).removed, 0)
    await assertStored(stage, session)
  },
}

const listsByOwner: Operate = async (stage, { key, record }) => {
  for (const owner of ['ada', 'grace']) {
    const found = await listed(byOwner(stage.here, owner), key)
    if (owner === record.owner) assertRecord(found, record)
    else assert.equal(found, undefined)
  }
}

export const live: Case[] = Object.entries(states).flatMap(([it, prepare]) => {
  const on =
    (operate: Operate) =>
    async (stage: Stage): Promise<void> =>
      operate(stage, await prepare(stage))
  const checks = Object.entries(operations).map(([title, operate]) => [
    title.replace('{it}', it),
    on(operate),
  ])
  return [
    ...group('whole', Object.fromEntries(checks)),
    ...group('listed', { [`${it} is listed for its owner alone`]: on(listsByOwner) }, { needs: ['byOwner'] }),
  ]
})
