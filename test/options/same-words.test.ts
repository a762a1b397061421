import { describe, expect, test } from 'vitest'
import { untornStore as adonisStore } from '../../src/adonisjs.ts'
import { secondaryStorage } from '../../src/better-auth.ts'
import { copySessions, verifySessions } from '../../src/copy.ts'
import { sessions as expressSessions } from '../../src/express.ts'
import { fileStore } from '../../src/file.ts'
import { createSessions, InvalidOptionError } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { moveSessions, moving } from '../../src/moving.ts'
import { sessions as nodeSessions } from '../../src/node.ts'
import { postgresStore, tableSql } from '../../src/postgres.ts'
import { redisStore } from '../../src/redis.ts'
import { minimalStore } from '../../src/testing/minimal-store.ts'
import { storeConformance } from '../../src/testing.ts'
import { temporaryDirectory } from '../support/directory.ts'

interface Entry {
  call(options: never): unknown
  /** Options that can be used. */
  fit: object
  wholeNumbers?: Record<string, string>
  booleans?: string[]
  functions?: string[]
  texts?: string[]
  choices?: Record<string, string>
  stores?: string[]
  durations?: string[]
}

const client = { call: async () => [] }
const pool = { query: async () => ({ rows: [] }) }
const two = { from: minimalStore(), to: minimalStore() }
const quietly = { sweepEvery: 0 }

const APPLICATION: Omit<Entry, 'call'> = {
  fit: { store: minimalStore() },
  wholeNumbers: { maxBytes: 'from 1 on', maxKeys: 'from 1 on', maxDepth: 'from 1 on', retries: 'from 0 on' },
  booleans: ['rolling'],
  functions: ['onEvent'],
  choices: { onStoreError: "'fail' or 'anonymous'" },
  stores: ['store'],
  durations: ['idleTimeout', 'lifetime'],
}
const COURSE: Omit<Entry, 'call'> = {
  fit: two,
  wholeNumbers: { concurrency: 'from 1 on' },
  stores: ['from', 'to'],
}

const ENTRIES: Record<string, Entry> = {
  createSessions: { call: createSessions, ...APPLICATION },
  'sessions of untorn/express': { call: expressSessions, ...APPLICATION },
  'sessions of untorn/node': { call: nodeSessions, ...APPLICATION },
  memoryStore: { call: memoryStore, fit: {}, wholeNumbers: { maxSessions: 'from 1 on' } },
  fileStore: {
    call: (options) => fileStore(temporaryDirectory(), options),
    fit: quietly,
    wholeNumbers: { maxOpen: 'from 1 on', maxCacheBytes: 'from 0 on' },
    durations: ['sweepEvery', 'busyTimeout'],
    functions: ['onEvent'],
    choices: { durability: "'process' or 'disk'", coldLoads: "'sync' or 'pool'" },
  },
  redisStore: {
    call: redisStore,
    fit: { client },
    durations: ['deadline'],
    functions: ['onEvent'],
    texts: ['prefix'],
  },
  postgresStore: {
    call: postgresStore,
    fit: { pool, ...quietly },
    durations: ['deadline', 'sweepEvery'],
    booleans: ['prepare'],
    functions: ['onEvent'],
    texts: ['table'],
  },
  createTable: {
    call: (options) => postgresStore({ pool, ...quietly }).createTable(options),
    fit: {},
    wholeNumbers: { partitions: 'from 2 to 1024' },
    booleans: ['unlogged'],
  },
  tableSql: {
    call: tableSql,
    fit: {},
    wholeNumbers: { partitions: 'from 2 to 1024' },
    booleans: ['unlogged'],
    texts: ['table'],
  },
  moving: { call: moving, fit: two, choices: { writeTo: "'from' or 'to'" }, stores: ['from', 'to'] },
  moveSessions: { call: moveSessions, ...COURSE },
  copySessions: { call: copySessions, ...COURSE },
  verifySessions: { call: verifySessions, ...COURSE },
  'untornStore of untorn/adonisjs': {
    call: (options) => adonisStore(minimalStore(), options),
    fit: {},
    functions: ['onEvent'],
    texts: ['app'],
  },
  secondaryStorage: {
    call: (options) => secondaryStorage(minimalStore(), options),
    fit: {},
    functions: ['onEvent'],
    texts: ['app'],
  },
  storeConformance: {
    call: storeConformance,
    fit: { open: minimalStore },
    functions: ['open', 'reopen'],
  },
}

/** What the entry says of options, or of one option that is another than it can use. */
async function said(entry: Entry, options: unknown): Promise<{ option: string; why: string }> {
  try {
    await entry.call(options as never)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError)
    const { option, message } = error as InvalidOptionError
    return { option, why: message.replace(`Invalid option \`${option}\`: `, '') }
  }
  throw new Error('It was taken.')
}

/** Each entry that has such an option, with the option. */
function withOption(kind: 'booleans' | 'functions' | 'texts' | 'stores' | 'durations'): [string, string][] {
  return Object.entries(ENTRIES).flatMap(([name, entry]) =>
    (entry[kind] ?? []).map((option): [string, string] => [name, option]),
  )
}

function withRange(kind: 'wholeNumbers' | 'choices'): [string, string, string][] {
  return Object.entries(ENTRIES).flatMap(([name, entry]) =>
    Object.entries(entry[kind] ?? {}).map(([option, range]): [string, string, string] => [
      name,
      option,
      range,
    ]),
  )
}

/** What an option is given in the place of something else, and what it is called. */
const OTHERS: [unknown, string][] = [
  [null, 'null'],
  [['a'], 'an array'],
  [{}, 'an object'],
  [() => {}, 'a function'],
  [7.5, '7.5'],
  ['some', "'some'"],
  ['redis://:secret@host', 'a URL'],
  [Number.NaN, 'NaN'],
  [new Map([['store', 'a']]), 'a Map'],
  [Promise.resolve({}), 'a promise'],
]

async function refuses(name: string, option: string, needed: string, taken: string[] = []): Promise<void> {
  const entry = ENTRIES[name]!
  for (const [value, shown] of OTHERS) {
    if (taken.includes(shown)) continue
    expect(await said(entry, { ...entry.fit, [option]: value })).toEqual({
      option,
      why: `${needed} is needed, not ${shown}.`,
    })
  }
}

describe.each(Object.entries(ENTRIES))('%s', (name, entry) => {
  test.each(OTHERS.filter(([, shown]) => shown !== 'an object' && shown !== 'a function'))(
    'with %s for its options says that it needs an object',
    async (value, shown) => {
      expect(await said(entry, value)).toEqual({
        option: 'options',
        why: `an object is needed, not ${shown}.`,
      })
    },
  )

  // Those two say what a handler in the place of options would have to look like.
  test.skipIf(name.startsWith('sessions of'))('with a function for its options, too', async () => {
    const why = 'an object is needed, not a function.'
    expect(await said(entry, () => {})).toEqual({ option: 'options', why })
  })

  test('has defaults for what is undefined', async () => {
    const names = [...(entry.booleans ?? []), ...(entry.texts ?? []), ...(entry.durations ?? [])]
    const ranges = [...Object.keys(entry.wholeNumbers ?? {}), ...Object.keys(entry.choices ?? {})]
    const all = Object.fromEntries([...names, ...ranges].map((option) => [option, undefined]))
    if (name === 'createTable') return // it would go on to make a table, and this pool reaches no server
    const made = await entry.call({ ...all, ...entry.fit } as never)
    await (made as { close?(): unknown }).close?.()
  })

  test('says of a misspelt option what was meant', async () => {
    const own = [...Object.keys(entry.wholeNumbers ?? {}), ...(entry.durations ?? [])]
    const names = [...Object.keys(entry.fit), ...own]
    for (const option of names) {
      const [first, second, ...rest] = option
      const swapped = `${second}${first}${rest.join('')}`
      for (const wrong of [`${option}s`, swapped, option.toUpperCase()]) {
        expect(await said(entry, { ...entry.fit, [wrong]: 1 })).toEqual({
          option: wrong,
          why: `there is no such option; did you mean \`${option}\`?`,
        })
      }
    }
  })

  test('says of any other option which there are', async () => {
    const { option, why } = await said(entry, { ...entry.fit, nothingLikeIt: 1 })
    expect(option).toBe('nothingLikeIt')
    expect(why).toMatch(/^there is no such option; there are /)
    for (const known of Object.keys(entry.fit)) expect(why).toContain(known)
  })
})

test.each(withRange('wholeNumbers'))('%s needs a whole number for %s', async (name, option, range) => {
  await refuses(name, option, `a whole number ${range}`)
})

test.each(withRange('choices'))('%s needs one of a few for %s', async (name, option, choices) => {
  await refuses(name, option, choices)
})

test.each(withOption('booleans'))('%s needs true or false for %s', async (name, option) => {
  await refuses(name, option, 'true or false')
})

test.each(withOption('functions'))('%s needs a function for %s', async (name, option) => {
  await refuses(name, option, 'a function', ['a function'])
})

test.each(withOption('texts'))('%s needs a text for %s', async (name, option) => {
  await refuses(name, option, 'a text', ["'some'", 'a URL'])
})

test.each(withOption('durations'))('%s needs a length of time for %s', async (name, option) => {
  await refuses(name, option, "a number of milliseconds or a text such as '30m'", ['7.5'])
  const entry = ENTRIES[name]!
  const { why } = await said(entry, { ...entry.fit, [option]: 30 })
  expect(why).toBe(
    "a number counts milliseconds, and 30 are hardly meant; write '30m' or '30s', or '30ms' if they are.",
  )
})

test.each(withOption('stores'))('%s needs a store for %s', async (name, option) => {
  await refuses(name, option, 'an object', ['an object', 'a function', 'a Map', 'a promise'])
  const entry = ENTRIES[name]!
  expect(await said(entry, { ...entry.fit, [option]: Promise.resolve(minimalStore()) })).toEqual({
    option,
    why: 'it is a promise: `await` the store.',
  })
  for (const verb of ['create', 'exists', 'records', 'close']) {
    const why = `it has no method \`${verb}\`; is it made by a function of untorn?`
    const lacking = { ...minimalStore(), [verb]: undefined }
    expect(await said(entry, { ...entry.fit, [option]: lacking })).toEqual({ option, why })
  }
})

test.each(['moving', 'moveSessions', 'copySessions', 'verifySessions'])(
  '%s needs two stores',
  async (name) => {
    const store = memoryStore()
    const why = 'it is the same store as `from`.'
    expect(await said(ENTRIES[name]!, { from: store, to: store })).toEqual({ option: 'to', why })
  },
)
