import { forgetWarnings } from './warnings.ts'

// Files share a process (vitest.config.ts), and each begins as if nothing had been said in it.
forgetWarnings()
