import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const session = fileURLToPath(new URL('../../src/session', import.meta.url))

/** What measures how long something took by the clock of this process, and what stands in for a store without one. */
const MEASURES = ['clock.ts', 'replaced.ts']

test('what decides on a session goes by the clock of its store (`policy.clock`), never by that of this process', () => {
  const byOwn = readdirSync(session).filter(
    (name) => !MEASURES.includes(name) && readFileSync(join(session, name), 'utf8').includes('Date.now()'),
  )
  expect(byOwn).toEqual([])
})
