import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { whole } from './test/support/whole.ts'

const skipped = [...configDefaults.exclude, ...(whole ? [] : ['test/**/*.whole.test.ts'])]

/**
 * Files that leave nothing behind in their process share one, and what they import is loaded once for all of them: a third of
 * the time of a file is its imports.
 */
const together = 'adapters|cookie|docs|options|session|sessions|testing|values'

/** Those that look at what is there once in a process: warnings that are given once, a module that is replaced. */
const alone = [
  'test/adapters/{failed-handler,late-change,node,proxy,upgrade}.test.ts',
  'test/cookie/id.test.ts',
  'test/testing/runners.test.ts',
]

/** Of every file. */
const each = {
  // What tests start with tsx runs over dist/, where the types are checked over src/.
  env: { TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.run.json', import.meta.url)) },
  execArgv: ['--no-warnings'],
  // The processes that a test starts share two cores with the tests beside it.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is concurrent within a file waits for clocks.
  maxConcurrency: 16,
}

export default defineConfig({
  test: {
    // Of the projects each would build once more, if they had it from here (`extends`).
    globalSetup: ['test/support/build.ts'],
    reporters: ['./test/support/summary.ts'],
    // What a test that passed has written is read by nobody.
    silent: 'passed-only',
    // Much of the time goes by in waiting, for clocks, processes and servers: as many files as cores would leave some idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        test: {
          ...each,
          name: 'together',
          include: [`test/@(${together})/**/*.test.ts`],
          exclude: [...skipped, ...alone],
          isolate: false,
        },
      },
      {
        test: {
          ...each,
          name: 'alone',
          include: [...alone, `test/!(${together})/**/*.test.ts`],
          exclude: skipped,
        },
      },
    ],
  },
})
