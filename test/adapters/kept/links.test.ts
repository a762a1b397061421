import { expect, test } from 'vitest'
import { MOST_CHARACTERS } from '../../../src/adapters/kept/latest.ts'
import { after, givenIn, type Link, noteIn } from '../../../src/adapters/kept/links.ts'
import { type SessionKey, sessionKey } from '../../../src/contract/key.ts'

type Known = { texts: ReadonlyMap<string, string> }

const keys = Array.from({ length: 5000 }, (_, at) => sessionKey(String(at)))
const [a, b] = keys as [SessionKey, SessionKey]
const known = (characters = 5): Known => ({ texts: new Map([['name', 'x'.repeat(characters - 4)]]) })

/** One call after the other, each of which is given one. */
function chainOf(given: readonly SessionKey[], characters?: number): Link<Known> {
  let link = after<Known>(undefined)
  for (const key of given) {
    link = after(link)
    noteIn(link, key, known(characters))
  }
  return link
}

function linksOf(link: Link<Known>): number {
  let count = 0
  for (let at: Link<Known> | undefined = link; at !== undefined; at = at.before) count++
  return count
}

test('a link leads to what those before it are given, also later, and not to what others go on with', () => {
  const first = after<Known>(undefined)
  const [second, other] = [after(first), after(first)]
  noteIn(other, b, undefined)
  noteIn(first, a, known())
  expect(givenIn(second, a)?.get(a)).toEqual(known())
  expect(givenIn(second, b)).toBeUndefined()
  expect(givenIn(other, b)?.has(b)).toBe(true)
  noteIn(second, a, known(9))
  expect([givenIn(second, a)?.get(a), givenIn(other, a)?.get(a)]).toEqual([known(9), known()])
})

test('a chain remembers the last thousand, and grows no longer than two thousand links', () => {
  for (const length of [1000, 1500, 2000, 2001, 3500, 5000]) {
    const link = chainOf(keys.slice(0, length))
    expect(linksOf(link)).toBeLessThanOrEqual(2000)
    const last = keys.slice(length - 1000, length)
    expect(last.filter((key) => givenIn(link, key) === undefined)).toEqual([])
    expect(keys.filter((key) => givenIn(link, key)).length).toBeLessThanOrEqual(2000)
  }
})

test('it remembers no more characters than its budget, and the last one of any size', () => {
  const part = MOST_CHARACTERS / 64
  const remembered = (link: Link<Known>) => keys.filter((key) => givenIn(link, key)).length
  const link = after(chainOf(keys.slice(0, 500), part))
  expect(remembered(link)).toBeLessThanOrEqual(65)
  expect(remembered(link)).toBeGreaterThanOrEqual(32)
  expect(givenIn(link, keys[499]!)).toBeDefined()
  const large = after(chainOf(keys.slice(0, 3), MOST_CHARACTERS))
  expect(keys.slice(0, 3).map((key) => givenIn(large, key) !== undefined)).toEqual([false, false, true])
})

test('what was given again counts as it is now, and is the last', () => {
  const link = chainOf([a, b, a])
  noteIn(link, a, known(MOST_CHARACTERS))
  const next = after(link)
  expect([givenIn(next, a)?.get(a), givenIn(next, b)]).toEqual([known(MOST_CHARACTERS), undefined])
})
