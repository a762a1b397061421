import { describe, expect, test } from 'vitest'
import { PROGRAMS, projectWith, theirs, told, withOthers } from './drop-in/programs.ts'

describe('code that was written with @types/express-session compiles', () => {
  const without = projectWith({ express: 5, theirs: false })

  test('without it, as an ES module of Node.js', () => {
    expect(told(without, PROGRAMS['an ES module of Node.js']!)).toBe('')
  })

  describe.skipIf(theirs.missing)(`${theirs.missing ?? ''}`, () => {
    test('beside it, whatever imports express-session first', () => {
      const program = withOthers(PROGRAMS['CommonJS of Node.js']!)
      const options = { ...program.options, types: ['node', 'express-session'], skipLibCheck: false }
      expect(told(projectWith({ express: 4, theirs: true }), { ...program, options })).toBe('')
    })
  })

  test('and what is wrong does not', () => {
    const program = PROGRAMS['CommonJS of Node.js']!
    const wrong = `${program.importing}
      export const middleware = session({ secret: 1 })`
    expect(() => told(without, { ...program, importing: wrong })).toThrow(/'number' is not assignable/)
  })
})
