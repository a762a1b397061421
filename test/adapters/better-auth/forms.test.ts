import { expect, test } from 'vitest'
import { lifeOfList, listTexts, writtenAs } from '../../../src/adapters/better-auth/forms.ts'

test('a list of as many sessions as no function has arguments lives as long as the last of them', () => {
  const longest = Date.now() + 1_000_000
  const list = Array.from({ length: 130_000 }, (_, n) => ({ token: `t${n}`, expiresAt: longest - n }))
  const texts = listTexts(JSON.stringify(list))
  expect(Math.abs(lifeOfList(texts) - 1_000_000)).toBeLessThan(60_000)
  expect(JSON.parse(writtenAs('active-sessions-ann', texts))).toHaveLength(130_000)
})

test('an empty list has no life', () => {
  expect(lifeOfList(new Map())).toBeLessThanOrEqual(0)
})
