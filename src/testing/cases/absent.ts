import assert from 'node:assert/strict'
import type { SessionKey } from '../../contract/key.ts'
import type { SessionChange } from '../../contract/record.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertAbsent, assertStored, byOwner, listed } from '../looks.ts'
import { HOUR, longPast, newKey, newRecord, put, shortLives, untilExpired } from '../samples.ts'

interface State {
  /** The promise that keeps such a session away. */
  promise: string
  it: string
  /** Whether the store may still hold it. */
  lingers?: true
  prepare(stage: Stage): Promise<SessionKey>
}

type Operate = (stage: Stage, key: SessionKey) => Promise<void>

/** Absent sessions, each seen alive (where it ever was) by the object that is asked, and ended by another. */
const states: State[] = [
  {
    promise: 'never created',
    it: 'a session that never was',
    prepare: async ({ here }) => {
      const key = newKey()
      await here.load(key)
      return key
    },
  },
  {
    promise: 'gone is gone',
    it: 'a deleted session',
    prepare: async (stage) => {
      const key = await seen(stage)
      assert.equal(await stage.there.delete(key), true)
      return key
    },
  },
  {
    promise: 'gone is gone',
    it: 'a session that a save has ended',
    lingers: true,
    prepare: async (stage) => {
      const key = await seen(stage)
      await stage.there.save(key, { expiresAt: 0 })
      return key
    },
  },
  {
    promise: 'expiry',
    it: 'a session that was stored expired',
    lingers: true,
    prepare: async ({ there }) => (await put(there, { owner: 'ada', expiresAt: longPast() })).key,
  },
  {
    promise: 'expiry',
    it: 'a session that expired in use',
    lingers: true,
    prepare: expiredInUse,
  },
  {
    promise: 'expiry',
    it: 'a session that was swept',
    prepare: async (stage) => {
      const key = await seen(stage)
      await stage.there.save(key, { expiresAt: longPast() })
      await stage.there.clearExpired()
      return key
    },
  },
]

async function seen({ here, there }: Stage): Promise<SessionKey> {
  const { key } = await put(there, { owner: 'ada' })
  assert.ok(await here.load(key), 'a session that was just stored is there')
  return key
}

async function expiredInUse({ here, there }: Stage): Promise<SessionKey> {
  for (const life of shortLives()) {
    const expiresAt = Date.now() + life
    const { key } = await put(there, { owner: 'ada', expiresAt })
    if (!(await here.load(key))) continue
    await untilExpired(there, expiresAt)
    return key
  }
  assert.fail('a session could not be loaded before it expired')
}

function isGone(change: SessionChange, ifVersion?: number): Operate {
  return async ({ here }, key) => {
    const result = await here.save(key, change, ifVersion === undefined ? {} : { ifVersion })
    assert.equal(result.outcome, 'gone')
  }
}

const values = new Map([['user', '{"name":"Eve"}']])
const later = () => Date.now() + HOUR

const operations: Record<string, Operate> = {
  'loading {it} finds nothing': async ({ here }, key) => assert.equal(await here.load(key), undefined),
  '{it} does not exist': async ({ here }, key) => assert.equal(await here.exists(key), false),
  'saving values to {it} says gone': isGone({ set: values }),
  'deleting values of {it} says gone': isGone({ delete: ['user'] }),
  'saving values and an expiry to {it} says gone': (stage, key) =>
    isGone({ set: values, expiresAt: later() })(stage, key),
  'extending {it} says gone': (stage, key) => isGone({ expiresAt: later() })(stage, key),
  'setting the owner of {it} says gone': isGone({ owner: 'eve' }),
  'taking the owner from {it} says gone': isGone({ owner: null }),
  'an empty save to {it} says gone': isGone({}),
  'a save to {it} that names its last version says gone': isGone({ set: values }, 0),
  'a save to {it} that names another version says gone, not conflict': isGone({ set: values }, 7),
  'extending {it} by its version says gone': (stage, key) => isGone({ expiresAt: later() }, 0)(stage, key),
  'a sweep does not bring {it} back': async ({ here }) => {
    await here.clearExpired()
  },
  'the list of sessions leaves out {it}': async ({ here }, key) =>
    assert.equal(await listed(here.records(), key), undefined),
}

const deletes: Operate = async ({ here }, key) => assert.equal(await here.delete(key), false)

// The contract leaves open whether an expired session was "there" for the one who deletes it.
const deletesExpired: Operate = async ({ here }, key) =>
  assert.equal(typeof (await here.delete(key)), 'boolean')

const createsAnew: Operate = async (stage, key) => {
  const record = newRecord({ values, owner: 'eve' })
  assert.equal(await stage.here.create(key, record), true)
  await assertStored(stage, { key, record: { ...record, version: 0 } })
  assert.equal(await stage.here.delete(key), true)
}

function checksOn({ it, prepare }: State, list: Record<string, Operate>) {
  const checks = Object.entries(list).map(([title, operate]) => {
    const check = async (stage: Stage) => {
      const key = await prepare(stage)
      await operate(stage, key)
      await assertAbsent(stage, key)
    }
    return [title.replace('{it}', it), check] as const
  })
  return Object.fromEntries(checks)
}

export const absent: Case[] = states.flatMap((state) => {
  const rest: Record<string, Operate> = {
    ...(state.lingers
      ? { 'deleting {it} leaves it absent': deletesExpired }
      : { 'deleting {it} says that there was none': deletes }),
    'creating {it} anew makes a new session': createsAnew,
  }
  return [
    ...group(state.promise, checksOn(state, { ...operations, ...rest })),
    ...group(state.promise, checksOn(state, { 'the list by owner leaves out {it}': listsByOwner }), {
      needs: ['byOwner'],
    }),
  ]
})

async function listsByOwner({ here }: Stage, key: SessionKey): Promise<void> {
  assert.equal(await listed(byOwner(here, 'ada'), key), undefined)
}
