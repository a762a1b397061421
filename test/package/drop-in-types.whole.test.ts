import { describe, expect, test, vi } from 'vitest'
import {
  before,
  IN_TYPESCRIPT_5,
  now,
  PROGRAMS,
  projectWith,
  theirs,
  told,
  withOthers,
} from './drop-in/programs.ts'

const missing = before.missing ?? theirs.missing

// A compiler takes seconds, and beside others much longer.
vi.setConfig({ testTimeout: 120_000 })

/** Code that was written with @types/express-session, with it and without. */
const settings = ([4, 5] as const).flatMap((express) =>
  [true, false].map((theirs) => ({ express, theirs, name: theirs ? 'beside it' : 'without it' })),
)

describe.skipIf(missing).each(settings)(
  `compiles $name, with Express $express ${missing ?? ''}`,
  (installed) => {
    const project = projectWith(installed)
    const isOld = installed.express === 4

    test.each(Object.entries(PROGRAMS))('as %s', (_, program) => {
      expect(told(project, program)).toBe('')
    })

    // Of these each with and without it, which is what they depend on.
    test.runIf(isOld).each(Object.entries(IN_TYPESCRIPT_5))('in TypeScript 5 as %s', (_, program) => {
      expect(told(project, { ...program, compiler: before.path })).toBe('')
    })

    test.each([
      [', and every declaration is checked', now, false],
      [' in TypeScript 5', before.path, true],
    ] as const)('beside stores of others, and in JavaScript%s', (_, compiler, skipLibCheck) => {
      const program = withOthers(PROGRAMS['CommonJS of Node.js']!)
      const options = { ...program.options, skipLibCheck }
      expect(told(project, { ...program, compiler, options })).toBe('')
    })
  },
)
