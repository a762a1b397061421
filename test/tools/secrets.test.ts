import { expect, test } from 'vitest'
import { hide } from '../../src/tools/cli/secrets.ts'

test.each([
  ['connect to redis://me:s3cret@host failed', 'connect to redis://***@host failed'],
  ['password "s3cret" and s3cret%2F', 'password "***" and ***'],
  ['nothing', 'nothing'],
])('%s: without the password', (message, hidden) => {
  expect(hide(message, ['s3cret%2F', 's3cret'])).toBe(hidden)
})

test('a text too short to be told from words takes nothing out', () => {
  expect(hide('Redis is not there', ['is'])).toBe('Redis is not there')
})
