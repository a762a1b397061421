import assert from 'node:assert/strict'
import type { SessionKey } from '../../contract/key.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertConflict, assertRecord, savedBy } from '../looks.ts'
import { HOUR, longPast, newKeyOfNoSession, newRecord, put, shortLives, times } from '../samples.ts'

const RIVALS = 20
/** For who has just ended a record, and is about to remove it; by then the key is free, or never will be. */
const PATIENCE_MS = 2000

/** Ways in which the record under a key, which is no session's, comes to an end. */
const ends: Record<string, (stage: Stage) => Promise<SessionKey>> = {
  'that has expired': async ({ there }) => {
    const { key } = await put(there, { expiresAt: longPast(), owner: 'ada' }, newKeyOfNoSession())
    return key
  },
  'that was deleted': async (stage) => {
    const key = await changed(stage)
    assert.equal(await stage.there.delete(key), true)
    return key
  },
  'that a save has ended': async (stage) => {
    const key = await changed(stage)
    await stage.there.save(key, { expiresAt: longPast() })
    return key
  },
}

/** A record that was changed twice, and seen by both. */
async function changed({ here, there }: Stage): Promise<SessionKey> {
  const { key } = await put(there, { owner: 'ada' }, newKeyOfNoSession())
  for (const text of ['1', '2']) await there.save(key, { set: new Map([['former', text]]) })
  assert.equal((await here.load(key))?.version, 2)
  return key
}

/** Creations at once, of which the other object makes every second one. */
async function createdByOne({ here, there }: Stage, key: SessionKey): Promise<void> {
  const records = times(RIVALS, (index) => newRecord({ values: new Map([['creator', `${index}`]]) }))
  const made = await Promise.all(
    records.map(async (record, at) => (at % 2 ? there : here).create(key, record)),
  )
  const creators = records.filter((_, index) => made[index])
  assert.equal(creators.length, 1, 'one of them')
  for (const store of [here, there]) assertRecord(await store.load(key), { ...creators[0]!, version: 0 })
}

/** The new record begins at its own version, which a save has to name. */
async function hasItsOwnVersion({ here, there }: Stage, key: SessionKey): Promise<void> {
  const record = newRecord({ values: new Map([['new', '0']]) })
  assert.equal(await there.create(key, record), true)
  const change = { set: new Map([['new', '1']]) }
  assertConflict(await here.save(key, change, { ifVersion: 2 }), { ...record, version: 0 })
  assert.equal(savedBy(await here.save(key, change, { ifVersion: 0 })).version, 1)
}

export const freeAgain: Case[] = group('free again', {
  ...Object.fromEntries(
    Object.entries(ends).flatMap(([title, end]) => [
      [
        `of ${RIVALS} overlapping creations under the key of a record ${title} one makes a new record`,
        async (stage: Stage) => createdByOne(stage, await end(stage)),
      ],
      [
        `a record in the place of one ${title} has its own version`,
        async (stage: Stage) => hasItsOwnVersion(stage, await end(stage)),
      ],
    ]),
  ),
  'a key is used again as often as it is wanted': async ({ here, there }) => {
    const key = newKeyOfNoSession()
    for (let round = 0; round < 5; round++) {
      const [creator, other] = round % 2 ? [here, there] : [there, here]
      const record = newRecord({ values: new Map([['round', `${round}`]]) })
      assert.equal(await creator.create(key, record), true)
      assertRecord(await other.load(key), { ...record, version: 0 })
      if (round % 2) await other.delete(key)
      else await other.save(key, { expiresAt: longPast() })
      assert.equal(await creator.load(key), undefined)
    }
  },
  'what is saved while a record expires and its key is used again is in the new record, or gone': async (
    stage,
  ) => {
    for (const life of shortLives(1600)) if (await savedMeanwhile(stage, Date.now() + life)) return
    assert.fail('a record that had expired was never seen to make room')
  },
})

/** Saves go on until the key has been created anew, and some more. @returns whether some were made before that */
async function savedMeanwhile({ here, there }: Stage, expiresAt: number): Promise<boolean> {
  const { key } = await put(there, { expiresAt, owner: 'ada' }, newKeyOfNoSession())
  let isNew = false
  let saved = 0
  const saves = async (): Promise<void> => {
    for (let count = 0, after = 0; after < 3; count++) {
      if (isNew) after++
      const { outcome } = await here.save(key, { set: new Map([['last', `${count}`]]) })
      if (outcome === 'saved' && !isNew) saved++
      await new Promise((resume) => setImmediate(resume))
    }
  }
  const record = newRecord({ values: new Map([['new', 'true']]), expiresAt: Date.now() + HOUR })
  const creations = async (): Promise<void> => {
    try {
      for (;;) {
        const since = Date.now()
        if (await there.create(key, record)) break
        assert.ok(since < expiresAt + PATIENCE_MS, 'the key of an expired record should be free')
        await new Promise((resume) => setImmediate(resume))
      }
    } finally {
      isNew = true
    }
  }
  await Promise.all([saves(), creations()])
  const met = await there.load(key)
  assert.ok(met, 'there should be a record')
  const { last } = Object.fromEntries(met.values)
  const own = last === undefined ? [] : [['last', last] as const]
  assertRecord(met, { ...record, values: new Map([...record.values, ...own]), version: met.version })
  assert.equal(met.version > 0, last !== undefined)
  return saved > 0
}
