import { describe, expect, test } from 'vitest'
import { differ, differenceTo, namesIn } from '../../../src/adapters/kept/difference.ts'

describe('two texts of one value', () => {
  test.each([
    ['the same text', '{"a":1}', '{"a":1}'],
    ['with spaces and lines', '{ "a": [ 1,\n\t2 ] }', '{"a":[1,2]}'],
    ['letters that are escaped', '"\\u00e9\\u20ac\\/"', '"é€/"'],
    ['half of a surrogate pair, as JSON.stringify writes it', '"\\uD83D"', '"\\ud83d"'],
    ['a number with a fraction of nothing', '1.0', '1'],
    ['a number with an exponent', '[1E2,1e-7,1.5e300]', '[100,1e-7,1.5e+300]'],
    ['nothing below nothing', '-0', '0'],
    ['a number of more digits than are kept', '12345678901234567890', '12345678901234567000'],
    ['a number that is none', '1e999', 'null'],
    ['names that are numbers, which objects put first', '{"b":1,"2":1,"1":1}', '{"1":1,"2":1,"b":1}'],
    ['a name that is there twice: the last one counts', '{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
    ['a name that objects inherit', '{ "__proto__": { "a": 1 } }', '{"__proto__":{"a":1}}'],
    ['all that deep inside', '[{"a":{ "b":[ 1.0 ] }}]', '[{"a":{"b":[1]}}]'],
  ])('say the same: %s', (_, before, now) => {
    // What JSON.stringify writes, as `now` is.
    expect(JSON.stringify(JSON.parse(now))).toBe(now)
    expect(differ(before, now)).toBe(false)
  })

  test.each([
    ['no text', undefined, 'null'],
    ['another number', '1', '2'],
    ['a number and a text', '1', '"1"'],
    ['nothing, and nothing of another kind', 'null', '{}'],
    // Whoever goes through an object would see it.
    ['another order of names', '{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['another order of names deep inside', '[{"a":{"b":1,"c":2}}]', '[{"a":{"c":2,"b":1}}]'],
    ['another order in a list', '[1,2]', '[2,1]'],
    ['one name more', '{"a":1}', '{"a":1,"b":1}'],
    ['a letter, and the same one of two signs', '"é"', '"e\u0301"'],
    ['another case', '"a"', '"A"'],
  ])('say different things: %s', (_, before, now) => {
    expect(differ(before, now)).toBe(true)
  })

  test.each(['', 'undefined', '{a:1}', "'a'", '[1,]', 'NaN', '01', '"a', '"a"b'])(
    'what is no JSON says something else than all that is, and can be written over: %s',
    (before) => {
      expect(differ(before, '1')).toBe(true)
      expect(differ(before, 'null')).toBe(true)
    },
  )

  test('that are letter for letter the same are not parsed, whatever they are', () => {
    expect(differ('no JSON', 'no JSON')).toBe(false)
  })
})

describe('the change that makes given values these', () => {
  const given = (texts: object, ...inDoubt: string[]) => ({
    texts: new Map(Object.entries(texts)),
    inDoubt: inDoubt.length === 0 ? undefined : new Set(inDoubt),
  })
  const these = (texts: object) => new Map<string, string>(Object.entries(texts))

  test('is empty where they say the same', () => {
    expect(differenceTo(given({ a: '[ 1.0 ]', b: '"x"' }), these({ b: '"x"', a: '[1]' }))).toEqual({})
  })

  test('has what is new or another one, and what is not there any more', () => {
    const change = differenceTo(given({ a: '1', b: '2', c: '3' }), these({ a: '1', b: '3', d: '4' }))
    expect(change).toEqual({ set: these({ b: '3', d: '4' }), delete: ['c'] })
    expect(namesIn(change)).toEqual(new Set(['b', 'c', 'd']))
  })

  test('says once more what is in doubt, whether it is there or not', () => {
    const change = differenceTo(given({ a: '1', b: '2' }, 'a', 'gone'), these({ a: '1', b: '2' }))
    expect(change).toEqual({ set: these({ a: '1' }), delete: ['gone'] })
  })

  test('deletes once what was given and is in doubt', () => {
    expect(differenceTo(given({ a: '1' }, 'a'), these({}))).toEqual({ delete: ['a'] })
  })

  test('of nothing touches nothing', () => {
    expect(namesIn({})).toEqual(new Set())
  })
})
