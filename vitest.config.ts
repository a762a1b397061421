import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import Order from './test/support/order.ts'
import { inWhole, whole } from './test/support/whole.ts'

const skipped = [...configDefaults.exclude, ...(whole ? [] : ['test/**/*.whole.test.ts'])]

/**
 * Files share a process, and what they import is loaded once for all in it: alone, a third of the time of a file is its imports.
 * Those that put another module in the place of one, and those that say that they have to be alone, get a process each.
 */
const alone = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
  .map((path) => `test/${path}`)
  .filter((path) => /vi\.mock\(|^\/\/ Alone:/m.test(readFileSync(path, 'utf8')))

/** Of every file. */
const each = {
  // What tests start with tsx runs over dist/, where the types are checked over src/.
  env: { TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.run.json', import.meta.url)) },
  execArgv: ['--no-warnings'],
  setupFiles: ['test/support/each-file.ts'],
  // The processes that a test starts share two cores with the tests beside it, on a disk that may take long for each sync.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // What comes is waited for until it is there: for how long, is the machine's affair.
  expect: { poll: { timeout: 60_000, interval: 20 } },
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
    maxWorkers: Math.ceil(availableParallelism() * inWhole(2, 2.5)),
    sequence: { sequencer: Order },
    projects: [
      {
        test: {
          ...each,
          // Who is alone may leave what they like: Next.js has a clock of its own.
          setupFiles: [...each.setupFiles, 'test/support/same-clock.ts', 'test/support/async-storages.ts'],
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...skipped, ...alone],
          isolate: false,
        },
      },
      { test: { ...each, name: 'alone', include: alone, exclude: skipped } },
    ],
  },
})
