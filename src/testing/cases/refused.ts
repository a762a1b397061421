import assert from 'node:assert/strict'
import type { SessionKey } from '../../contract/key.ts'
import type { NewRecord, SessionChange } from '../../contract/record.ts'
import type { SaveOptions, SessionStore } from '../../contract/store.ts'
import { UntornError } from '../../errors.ts'
import { type Case, type Check, group } from '../case.ts'
import { assertStored, byOwner, keysIn } from '../looks.ts'
import { collect, LONGEST_OWNER, newKey, newRecord, put, type Stored } from '../samples.ts'

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

/** In every argument that has room for it. */
const A_SECRET = 'a text that may be secret: 4111 1111 1111 1111'

const NO_TEXTS: readonly unknown[] = [
  null,
  A_SECRET,
  { user: '"Eve"' },
  [['user', '"Eve"']],
  new Set([A_SECRET]),
  new Map<unknown, unknown>([
    ['user', '"Eve"'],
    ['count', 1],
  ]),
  new Map([[A_SECRET, undefined]]),
  new Map([[1, '1']]),
]
const NO_TIMES: readonly unknown[] = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  `${Date.now()}`,
  new Date(),
  1n,
]
const NO_VERSIONS: readonly unknown[] = [null, Number.NaN, -1, 0.5, 2 ** 53, '0', 0n]
const NO_OWNERS: readonly unknown[] = [
  5,
  ['ada'],
  { name: A_SECRET },
  'o'.repeat(LONGEST_OWNER + 1),
  '\0'.repeat(LONGEST_OWNER / 6 + 1),
]
const NO_OBJECTS: readonly unknown[] = [null, A_SECRET, 5]

/** Each way to have one of the properties wrong. */
function spoilt<Right extends object>(
  right: Right,
  wrong: Partial<Record<keyof Right, readonly unknown[]>>,
): unknown[] {
  return Object.entries(wrong).flatMap(([name, values]) =>
    (values as unknown[]).map((value) => ({ ...right, [name]: value })),
  )
}

const noRecords = (): unknown[] => [
  undefined,
  ...NO_OBJECTS,
  ...spoilt<NewRecord>(newRecord({ owner: 'eve' }), {
    values: [undefined, ...NO_TEXTS],
    createdAt: [undefined, ...NO_TIMES],
    expiresAt: [undefined, ...NO_TIMES],
    version: NO_VERSIONS,
    owner: [null, ...NO_OWNERS],
  }),
]

const noChanges = (): unknown[] => [
  undefined,
  ...NO_OBJECTS,
  ...spoilt<SessionChange>(
    { set: new Map([['user', '"Eve"']]), expiresAt: Date.now(), owner: 'eve' },
    {
      set: NO_TEXTS,
      delete: [null, 'user', new Set(['user']), { length: 0 }, ['user', 1], [undefined]],
      expiresAt: NO_TIMES,
      owner: NO_OWNERS,
    },
  ),
]

const noOptions = (): unknown[] => [...NO_OBJECTS, ...spoilt<SaveOptions>({}, { ifVersion: NO_VERSIONS })]

function isRefusal(...secrets: unknown[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof TypeError || error instanceof UntornError, 'a TypeError or an UntornError')
    for (const secret of secrets) {
      const quotes: boolean =
        typeof secret === 'string' && secret.length > 20 && error.message.includes(secret)
      assert.ok(!quotes, 'a message must not quote what may be a session id, or a value')
    }
    return true
  }
}

const keys = Object.entries(verbs).map(([verb, call]): [string, Check] => [
  `${verb} refuses what is no session key, and touches nothing`,
  async ({ here, there, open }) => {
    const session = await put(here)
    for (const key of malformed(session.key)) {
      await assert.rejects(async () => call(here, key as SessionKey), isRefusal(key))
    }
    await assertStored({ here, there, open }, session)
    assert.deepEqual(await keysIn(here.records()), [session.key])
  },
])

/** A case: calls with each of these, of which none is what the verb takes. */
const refuses =
  (wrong: () => unknown[], call: (store: SessionStore, session: Stored, each: never) => unknown): Check =>
  async ({ here, there, open }) => {
    const session = await put(here, { owner: 'ada' })
    for (const each of wrong()) {
      await assert.rejects(async () => call(here, session, each as never), isRefusal(A_SECRET, session.key))
    }
    await assertStored({ here, there, open }, session)
    assert.deepEqual(await keysIn(here.records()), [session.key])
  }

const set = new Map([['user', '"Eve"']])

export const refused: Case[] = [
  ...group('refused', Object.fromEntries(keys), { objects: 'one' }),
  ...group(
    'refused',
    {
      'create refuses what is no record, and touches nothing': refuses(noRecords, (store, _, record) =>
        store.create(newKey(), record),
      ),
      'create refuses what is no record under a key that is taken, too': refuses(
        noRecords,
        (store, { key }, record) => store.create(key, record),
      ),
      'save refuses what is no change, and touches nothing': refuses(noChanges, (store, { key }, change) =>
        store.save(key, change),
      ),
      'save refuses what is no change of a session that is gone, too': refuses(
        noChanges,
        (store, _, change) => store.save(newKey(), change),
      ),
      'save refuses a version that is none, and touches nothing': refuses(
        noOptions,
        (store, { key }, options) => store.save(key, { set }, options),
      ),
      'an empty save refuses a version that is none': refuses(noOptions, (store, { key }, options) =>
        store.save(key, {}, options),
      ),
    },
    { objects: 'one' },
  ),
  ...group(
    'refused',
    {
      'byOwner refuses what is no owner': refuses(
        () => [undefined, null, ...NO_OWNERS],
        async (store, _, owner) => collect(byOwner(store, owner)),
      ),
    },
    { objects: 'one', needs: ['byOwner'] },
  ),
]
