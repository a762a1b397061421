import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { whole } from './test/support/whole.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(whole ? [] : ['test/**/*.whole.test.ts'])],
    // What tests start with tsx runs over dist/, where the types are checked over src/.
    env: { TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.run.json', import.meta.url)) },
    globalSetup: ['test/support/build.ts'],
    reporters: ['./test/support/summary.ts'],
    // What a test that passed has written is read by nobody.
    silent: 'passed-only',
    execArgv: ['--no-warnings'],
    // Much of the time goes by in waiting, for clocks, processes and servers: as many files as cores would leave some idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // The processes that a test starts share two cores with the tests beside it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
