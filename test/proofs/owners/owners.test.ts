import { describe, expect, it } from 'vitest'
import { onlyInShort } from '../../support/whole.ts'
import { explore } from './explore.ts'
import { SCENARIOS } from './scenarios.ts'

/** Those that are left out are for `npm run owners`. */
const soon = Object.fromEntries(Object.entries(SCENARIOS).filter(([, { isLong }]) => !isLong))

/** One for each promise. */
const scenarios = onlyInShort(
  soon,
  'a double click, and a kept value that is stored meanwhile',
  'a rotation and a logout',
  'two rotations, and a logout with the first id meanwhile',
  'a sign-in and revokeAll, twice',
  'a rotation and revokeAll',
  'a limit of one: a double click',
  'a limit of one: a sign-in behind one that died',
  'another owner names the handle of a device',
)

describe('in every order of the calls, whoever dies, whichever answer is lost, each promise holds:', () => {
  it.each(Object.entries(scenarios))(
    '%s',
    (_, scenario) => {
      const { states, broken, isWhole } = explore(scenario)
      expect([...broken].map(([what, path]) => [what, ...path].join('\n'))).toEqual([])
      expect(isWhole).toBe(true)
      expect(states).toBeGreaterThan(20)
    },
    300_000,
  )
})
