import fc from 'fast-check'
import { expect, test } from 'vitest'
import { held, restored, textArray } from '../../../src/stores/postgres/texts.ts'
import { milliseconds, timeText } from '../../../src/stores/postgres/times.ts'
import { holdValues, restoreValues } from '../../../src/stores/postgres/values.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { inWhole } from '../../support/whole.ts'
import { pgPool } from './drivers.ts'
import { openStore } from './open-store.ts'

/** Any text that JavaScript has, halves of surrogate pairs and control characters included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom(
    '\u0001',
    '\u0001\u0001',
    '\ufeff',
    '\\u0000',
    '\\\\ud800',
    'NULL',
    '{}',
    '"',
    '__proto__',
    '7',
  ),
)

/** JSON as somebody may write it: with spaces, other spellings of numbers, and escapes that need not be. */
const anyJson = fc.oneof(
  { weight: 3, arbitrary: fc.json() },
  fc.jsonValue({ stringUnit: 'binary' }).map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value, null, 2)),
  fc.double().map((number) => JSON.stringify(number)),
  fc
    .tuple(fc.integer(), fc.nat(9), fc.integer({ min: -400, max: 400 }))
    .map(([a, b, c]) => `${a}.${b}0E${c}`),
  fc.bigInt().map(String),
  fc
    .uniqueArray(anyText, { maxLength: 6 })
    .map((names) => JSON.stringify(Object.fromEntries(names.map((n) => [n, 1])))),
  fc
    .string()
    .map((text) =>
      JSON.stringify(text).replace(/[^"\\]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ),
)

const anyValues = fc
  .array(fc.tuple(anyText, fc.oneof({ weight: 5, arbitrary: anyJson }, anyText)), { maxLength: 12 })
  .map((entries) => new Map(entries))

test('a text that PostgreSQL can hold is held as it is', () => {
  for (const text of ['', 'user', 'é', '🦊', '\n', '\u0002', 'a\u0001', '\\u0000'])
    expect(held(text)).toBe(text)
})

test('every text is held in a form that PostgreSQL takes, and comes back', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(held(text)).not.toMatch(/[\0\p{Surrogate}]/u)
      expect(restored(held(text))).toBe(text)
    }),
  )
})

test('values are stored as values, which SQL can look into, and as texts', () => {
  const values = {
    count: 3,
    seen: '2026-01-01T00:00:00.000Z',
    nothing: null,
    list: [1.5, -7, 1e21, 1e-7, true, 'it"s'],
    user: { name: 'Ada', id: 1, roles: ['admin'] },
    fox: '🦊 \\ud800',
  }
  const texts = Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)] as const)
  const held = holdValues(new Map(texts))
  expect(JSON.parse(held.values)).toEqual(values)
  expect(JSON.parse(held.texts)).toEqual(Object.fromEntries(texts))
})

test.each([
  ['spaces', '{ "a": 1 }', '{"a":1}'],
  ['another spelling of a number', '1.0', '1'],
  ['a number that JavaScript has no room for', '12345678901234567890', '12345678901234567000'],
  ['minus zero', '-0', '0'],
  ['an escape that need not be', '"\\u00e9"', '"é"'],
  ['a member twice', '{"a":1,"a":2}', '{"a":2}'],
  ['NUL', '"\\u0000"', 'null'],
  ['half of a surrogate pair', '"\\ud800"', 'null'],
  ['half of one in a name', '{"\\ud800":1}', 'null'],
  ['a number that is too large', '1e999', 'null'],
  ['no JSON at all', '[undefined]', 'null'],
  ['no text at all', '', 'null'],
  ['brackets within brackets', `${'['.repeat(600)}${']'.repeat(600)}`, 'null'],
])('a value with %s is to SQL what JavaScript and jsonb make of it, and keeps its text', (_, text, value) => {
  expect(holdValues(new Map([['a', text]]))).toEqual({
    values: `{"a":${value}}`,
    texts: JSON.stringify({ a: text }),
  })
})

test('an array of texts is read by PostgreSQL as it was', () => {
  expect(textArray([])).toBe('{}')
  expect(textArray(['a', 'NULL', '{"b"}', '\\'])).toBe('{"a","NULL","{\\"b\\"}","\\\\"}')
})

test('moments are read from seconds to the last digit', () => {
  expect(milliseconds('1732270000.123000')).toBe(1732270000123)
  expect(milliseconds('8639999999999.999000')).toBe(8639999999999999)
  expect(milliseconds('-0.500000')).toBe(-500)
  expect(milliseconds('0')).toBe(0)
  expect(milliseconds('Infinity')).toBe(Number.POSITIVE_INFINITY)
})

test('moments are written as PostgreSQL reads them', () => {
  expect(timeText(0)).toBe('1970-01-01T00:00:00.000Z')
  expect(timeText(Date.UTC(10000, 0))).toBe('10000-01-01T00:00:00.000Z')
  expect(timeText(8.64e15)).toBe('275760-09-13T00:00:00.000Z')
  for (const moment of [8.64e15 + 1, Date.parse('0001-01-01') - 1, Number.NaN]) {
    expect(() => timeText(moment)).toThrow(expect.objectContaining({ code: 'UNTORN_INVALID_ARGUMENT' }))
  }
})

await describeWith('through PostgreSQL', startPostgres, ({ url }) => {
  const pool = pgPool(url)

  test('any values under any names come back as they were', { timeout: 300_000 }, async () => {
    const { store } = await openStore({ pool })
    const check = async (created: Map<string, string>, set: Map<string, string>, gone: string[]) => {
      const key = newKey()
      await store.create(key, newRecord({}, { values: created }))
      expect((await store.load(key))!.values).toEqual(created)
      const result = await store.save(key, { set, delete: gone })
      const expected = new Map(created)
      for (const name of gone) expected.delete(name)
      for (const [name, text] of set) expected.set(name, text)
      expect(result).toMatchObject({ outcome: 'saved', record: { values: expected } })
      expect((await store.load(key))!.values).toEqual(expected)
    }
    await fc.assert(
      fc.asyncProperty(
        anyValues,
        anyValues,
        fc.array(anyText, { maxLength: 3 }),
        fc.boolean(),
        (a, b, names, same) => check(a, b, same ? [...a.keys()] : names),
      ),
      { numRuns: inWhole(200, 60) },
    )
  })

  test('any moment and any owner come back as they were', { timeout: 300_000 }, async () => {
    const { store } = await openStore({ pool })
    const moment = fc.integer({ min: Date.parse('0001-01-01'), max: 8.64e15 })
    const later = fc.integer({ min: Date.parse('2100-01-01'), max: 8.64e15 })
    await fc.assert(
      fc.asyncProperty(moment, later, anyText, async (createdAt, expiresAt, owner) => {
        const key = newKey()
        await store.create(key, newRecord({}, { createdAt, expiresAt, owner }))
        expect(await store.load(key)).toMatchObject({ createdAt, expiresAt, owner })
        const found: string[] = []
        for await (const [each, record] of store.byOwner(owner)) if (record.owner === owner) found.push(each)
        expect(found).toContain(key)
      }),
      { numRuns: inWhole(100, 30) },
    )
  })

  test('a moment that no session needs is refused, and nothing is stored', async () => {
    const { store } = await openStore({ pool })
    const key = newKey()
    const refused = (argument: string) =>
      expect.objectContaining({
        name: 'TypeError',
        code: 'UNTORN_INVALID_ARGUMENT',
        message: expect.stringMatching(
          `\`${argument}\`.*from the year 1 to the year 275760: give such a one`,
        ),
      })
    const late = newRecord({}, { expiresAt: 9e15 })
    await expect(store.create(key, late)).rejects.toEqual(refused('record.expiresAt'))
    await expect(store.create(key, newRecord({}, { createdAt: -1e14 }))).rejects.toEqual(
      refused('record.createdAt'),
    )
    await expect(store.save(key, { expiresAt: 9e15 })).rejects.toEqual(refused('change.expiresAt'))
    expect(await store.exists(key)).toBe(false)
  })
})

test('values from a row are told from inherited names', () => {
  const values = new Map([
    ['__proto__', '{"b":1,"a":2}'],
    ['constructor', '1'],
  ])
  expect(restoreValues(holdValues(values).texts)).toEqual(values)
})
