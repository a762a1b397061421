import assert from 'node:assert/strict'
import type { SessionKey } from '../../contract/key.ts'
import type { SessionStore } from '../../contract/store.ts'
import { UntornError } from '../../errors.ts'
import { type Case, group } from '../case.ts'
import { assertStored, keysIn } from '../looks.ts'
import { newRecord, put } from '../samples.ts'

const AN_ID = 'kJ8-vYQxW3u5mQm0s1Zy7n2aVb_4cDeF6gHiJkLmNoP'

/** What is no key, made from one that a session is stored under. */
function malformed(key: SessionKey): unknown[] {
  return [
    '',
    AN_ID,
    key.slice(1),
    `${key}0`,
    `${key}\n`,
    ` ${key}`,
    `${key}\0`,
    key.toUpperCase().replace(/^./, 'A'),
    `${key.slice(1)}g`,
    `../${key}`.slice(0, 64),
    `../../../../../../../../../../etc/passwd${key}`.slice(0, 64),
    '__proto__',
    undefined,
    null,
    0,
    [key],
    { toString: () => key },
  ]
}

const verbs: Record<string, (store: SessionStore, key: SessionKey) => unknown> = {
  create: (store, key) => store.create(key, newRecord()),
  load: (store, key) => store.load(key),
  save: (store, key) => store.save(key, { set: new Map([['user', '"Eve"']]) }),
  'an empty save': (store, key) => store.save(key, {}),
  'a conditional save': (store, key) => store.save(key, { expiresAt: 0 }, { ifVersion: 0 }),
  exists: (store, key) => store.exists(key),
  delete: (store, key) => store.delete(key),
}

function isRefusal(given: unknown): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof TypeError || error instanceof UntornError, 'a TypeError or an UntornError')
    const quotes = typeof given === 'string' && given.length > 20 && error.message.includes(given)
    assert.ok(!quotes, 'a message must not quote what may be a session id')
    return true
  }
}

const checks = Object.entries(verbs).map(([verb, call]) => [
  `${verb} refuses what is no session key, and touches nothing`,
  async ({ here, there, open }: Parameters<Case['check']>[0]) => {
    const session = await put(here)
    for (const key of malformed(session.key)) {
      await assert.rejects(async () => call(here, key as SessionKey), isRefusal(key))
    }
    await assertStored({ here, there, open }, session)
    assert.deepEqual(await keysIn(here.records()), [session.key])
  },
])

export const refused: Case[] = group('refused', Object.fromEntries(checks), { objects: 'one' })
