import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // The processes that a test starts share two cores with the tests beside it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
