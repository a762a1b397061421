import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { counter, union } from '../../src/index.ts'

describe('union', () => {
  test.each<[string, unknown, unknown, unknown, unknown]>([
    ['both added', ['a'], ['a', 'b'], ['a', 'c'], ['a', 'c', 'b']],
    ['both added the same', ['a'], ['a', 'b'], ['a', 'b'], ['a', 'b']],
    ['I removed, they added', ['a', 'b'], ['b'], ['a', 'b', 'c'], ['b', 'c']],
    ['they removed, I added', ['a', 'b'], ['a', 'b', 'c'], ['b'], ['b', 'c']],
    ['I removed what they moved', ['a', 'b', 'c'], ['a', 'c'], ['c', 'b', 'a'], ['c', 'a']],
    [
      'items that are objects',
      [{ id: 1 }],
      [{ id: 1 }, { id: 2 }],
      [{ id: 3 }, { id: 1 }],
      [{ id: 3 }, { id: 1 }, { id: 2 }],
    ],
    ['nobody had it', undefined, ['a'], ['b'], ['b', 'a']],
    ['I deleted it all, they added', ['a'], undefined, ['a', 'b'], ['b']],
    ['I deleted it, they removed some', ['a', 'b'], undefined, ['a'], undefined],
    ['they deleted it all, I added', ['a'], ['a', 'b'], undefined, ['b']],
    ['I emptied it, they removed some', ['a', 'b'], [], ['a'], []],
    ['objects key by key', { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 3, c: 4 }, { a: 2, b: 3, c: 4 }],
    ['I removed a key', { a: 1, b: 1 }, { b: 1 }, { a: 1, b: 2 }, { b: 2 }],
    ['both changed one key', { a: 1 }, { a: 2 }, { a: 3 }, { a: 2 }],
    [
      'nested',
      { x: { l: ['a'] } },
      { x: { l: ['a', 'b'] } },
      { x: { l: ['c'], m: 1 } },
      { x: { l: ['c', 'b'], m: 1 } },
    ],
    ['an object against a list', {}, { a: 1 }, ['a'], { a: 1 }],
    ['neither list nor object', 1, 2, 3, 2],
    ['nothing at all', ['a'], undefined, undefined, undefined],
  ])('%s', (_, base, mine, theirs, expected) => {
    expect(union(base, mine, theirs)).toEqual(expected)
  })

  test('__proto__ is a key like any other', () => {
    const mine = JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}')
    const merged = union<object>({}, mine, { b: 1 })!
    expect(Object.keys(merged).sort()).toEqual(['__proto__', 'a', 'b'])
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  })

  test('keeps what either added and drops what either removed, for any three sets', () => {
    const set = fc.uniqueArray(fc.constantFrom(...'abcdefgh'))
    fc.assert(
      fc.property(set, set, set, (base, mine, theirs) => {
        const merged = union(base, mine, theirs)!
        for (const item of 'abcdefgh') {
          const [was, isMine, isTheirs] = [base, mine, theirs].map((side) => side.includes(item))
          expect(merged.includes(item)).toBe(isMine === was ? isTheirs : isMine)
        }
        expect(new Set(merged).size).toBe(merged.length)
      }),
    )
  })

  test('changes to different properties of any object all stay, whoever is first', () => {
    const object = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
    fc.assert(
      fc.property(object, object, object, (base, mine, theirs) => {
        const named = (value: object, prefix: string) =>
          Object.fromEntries(Object.entries(value).map(([key, inner]) => [prefix + key, inner]))
        const [b, m, t] = [named(base, 'b'), named(mine, 'm'), named(theirs, 't')]
        const expected = { ...b, ...m, ...t }
        expect(union<object>(b, { ...b, ...m }, { ...b, ...t })).toEqual(expected)
        expect(union<object>(b, { ...b, ...t }, { ...b, ...m })).toEqual(expected)
      }),
    )
  })
})

describe('counter', () => {
  test.each<[number | undefined, number | undefined, number | undefined, number | undefined]>([
    [1, 2, 2, 3],
    [5, 4, 7, 6],
    [undefined, 1, 1, 2],
    [3, undefined, 4, 1],
    [3, 4, undefined, 1],
    [3, undefined, undefined, undefined],
  ])('of %s, mine %s, theirs %s: %s', (base, mine, theirs, expected) => {
    expect(counter(base, mine, theirs)).toBe(expected)
  })
})
