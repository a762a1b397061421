import fc from 'fast-check'
import { expect, test } from 'vitest'
import { held, restored } from '../../../src/stores/redis/texts.ts'
import { whole } from '../../support/whole.ts'

/** Any text that JavaScript has, and what looks like an escaped one. */
const texts = fc
  .array(
    fc.constantFrom(
      '\u0001',
      '\\',
      'ud83e',
      '\\ud83e',
      '\\u0001',
      '"',
      'u',
      '\ud83e',
      '\udd8a',
      '\0',
      'a',
      'é',
    ),
  )
  .map((parts) => parts.join(''))

test('any text comes back, and no two are kept alike', () => {
  const kept = new Map<string, string>()
  fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (text) => {
      const bytes = Buffer.from(held(text)).toString()
      expect(restored(bytes)).toBe(text)
      expect(kept.get(bytes) ?? text).toBe(text)
      kept.set(bytes, text)
    }),
    { numRuns: whole ? 20_000 : 500 },
  )
})

test('what Redis can keep is kept as it is, and what an earlier release has stored is read as it was', () => {
  for (const text of [
    '',
    'user',
    '🦊',
    '\0',
    '\\ud83e',
    '\u0001',
    '\u0001a',
    '\u0001\\u0041',
    '\u0001"',
    '\u0001\\',
  ]) {
    expect(held(text)).toBe(text)
    expect(restored(text)).toBe(text)
  }
  expect(held('a \ud83e')).toBe('\u0001a \\ud83e')
})
