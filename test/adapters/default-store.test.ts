import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { sessions as h3Sessions } from '../../src/h3.ts'
import type { Sessions } from '../../src/index.ts'
import { sessions as nextSessions } from '../../src/next.ts'
import { sessions as routerSessions } from '../../src/react-router.ts'
import { sessions as svelteKitSessions } from '../../src/sveltekit.ts'
import { sessions as startSessions } from '../../src/tanstack-start.ts'
import { temporaryDirectory } from '../support/directory.ts'

// Frameworks whose builds load the server's code, to find out what is in it or to render pages in advance.
const BUILT: Record<string, () => { readonly sessions: Sessions; close(): unknown }> = {
  'h3, in Nitro and Nuxt': h3Sessions,
  'Next.js': nextSessions,
  'React Router': routerSessions,
  SvelteKit: svelteKitSessions,
  'TanStack Start': startSessions,
}

afterEach(() => vi.restoreAllMocks())

describe.each(Object.entries(BUILT))('%s', (_name, sessions) => {
  test('makes no directory until a session is asked for', async () => {
    const directory = temporaryDirectory()
    const isMade = () => existsSync(join(directory, '.sessions'))
    const before = process.cwd()
    process.chdir(directory)
    try {
      const loaded = sessions()
      await loaded.close()
      expect(isMade()).toBe(false)
      const served = sessions()
      await served.sessions.count()
      expect(isMade()).toBe(true)
      await served.close()
    } finally {
      process.chdir(before)
    }
  })
})
