import { describe, expect, test } from 'vitest'
import { Chains } from '../../../src/adapters/kept/chains.ts'
import { HandedOut } from '../../../src/adapters/kept/handed-out.ts'
import { Latest, MOST_CHARACTERS } from '../../../src/adapters/kept/latest.ts'
import { type SessionKey, sessionKey } from '../../../src/contract/key.ts'

const keys = Array.from({ length: 5000 }, (_, at) => sessionKey(String(at)))
const [a, b, c] = keys as [SessionKey, SessionKey, SessionKey]
const texts = (characters: number) => new Map([['name', 'x'.repeat(characters - 4)]])

describe('what is remembered', () => {
  test('is the latest of so many', () => {
    const latest = new Latest<true>(2)
    for (const key of [a, b, a, c]) latest.put(key, true)
    expect([a, b, c].map((key) => latest.has(key))).toEqual([true, false, true])
  })

  test('is the latest of so many characters, as they are when it is put in', () => {
    const latest = new Latest<{ texts: ReadonlyMap<string, string> }>(10, 100)
    const first = { texts: texts(40) }
    latest.put(a, first)
    latest.put(b, { texts: texts(60) })
    expect([latest.has(a), latest.has(b)]).toEqual([true, true])
    first.texts = texts(41)
    latest.put(a, first)
    expect([latest.has(a), latest.has(b)]).toEqual([true, false])
    latest.delete(a)
    latest.put(b, { texts: texts(100) })
    latest.put(c, { texts: texts(5) })
    expect([latest.has(b), latest.has(c)]).toEqual([false, true])
    latest.clear()
    for (const key of [a, b]) latest.put(key, { texts: texts(50) })
    expect([latest.has(a), latest.has(b)]).toEqual([true, true])
  })

  test('is the last one, whatever its size', () => {
    const latest = new Latest<{ texts: ReadonlyMap<string, string> }>(10, 100)
    latest.put(a, { texts: texts(20) })
    latest.put(b, { texts: texts(1000) })
    expect([latest.has(a), latest.get(b)]).toEqual([false, { texts: texts(1000) }])
    latest.put(c, { texts: texts(20) })
    expect([latest.has(b), latest.has(c)]).toEqual([false, true])
  })

  test('tells whether some of it is not there any more', () => {
    const latest = new Latest<true>(2)
    for (const key of [a, b, a]) latest.put(key, true)
    expect(latest.hasForgotten).toBe(false)
    latest.put(c, true)
    expect(latest.hasForgotten).toBe(true)
  })
})

test('a process remembers no more than its budget, of sessions that are read and of those that grow by a save', () => {
  const handedOut = new HandedOut<{ key: SessionKey; texts: ReadonlyMap<string, string>; gone: boolean }>()
  const known = (key: SessionKey, characters: number) => ({ key, texts: texts(characters), gone: false })
  const remembered = () => keys.filter((key) => handedOut.latest(key) !== undefined).length
  for (const key of keys) handedOut.note({}, known(key, 1000))
  expect(remembered()).toBe(2000)
  for (const key of keys) handedOut.note({}, known(key, 16_000))
  expect(remembered()).toBe(2000)
  for (const key of keys) handedOut.note({}, known(key, 17_000))
  expect(remembered()).toBe(Math.floor(MOST_CHARACTERS / 17_000))
  const part = MOST_CHARACTERS / 64
  for (const key of keys.slice(0, 100)) handedOut.note({}, known(key, part))
  expect(remembered()).toBe(64)
  for (const key of keys.slice(0, 100)) handedOut.note({}, known(key, 1000))
  const grown = handedOut.latest(keys[99]!)!
  grown.texts = texts(MOST_CHARACTERS)
  handedOut.saved(grown)
  expect(remembered()).toBe(1)
})

test('a chain of calls remembers a thousand at least, and one that was begun on purpose all', () => {
  const chains = new Chains<{ texts: ReadonlyMap<string, string> }>()
  const remembered = (): number => {
    for (const key of keys) {
      chains.asked()
      chains.note(key, { texts: texts(10) })
    }
    return keys.filter((key) => chains.has(key)).length
  }
  expect(chains.within(remembered)).toBe(keys.length)
  const inChain = remembered()
  expect(inChain).toBeGreaterThanOrEqual(1000)
  expect(inChain).toBeLessThanOrEqual(2000)
})
