import { describe, expect, test } from 'vitest'
import type { fileStore } from '../../../src/file.ts'
import { withPlanted } from '../../support/planted.ts'
import type { Library } from './application.ts'
import { groups } from './groups.ts'
import { inTime } from './race.ts'
import { serversHere } from './serve.ts'
import { STEPS } from './steps.ts'

const races = groups.flatMap((group) => group.races)

describe('it is noticed that', () => {
  // Most of it is waiting.
  test.concurrent.each(STEPS)('$name', async (step) => {
    const { load, remove } = await withPlanted(step, ['express.ts', 'index.ts', 'file.ts'])
    try {
      const [{ sessions }, { counter, union, sessionKey }, files] = await Promise.all([
        load<Pick<Library, 'sessions'>>('express.ts'),
        load<Omit<Library, 'sessions'>>('index.ts'),
        load<{ fileStore: typeof fileStore }>('file.ts'),
      ])
      const library = { sessions, counter, union, sessionKey }
      const site = await serversHere(2, (directory) => files.fileStore(directory, { sweepEvery: 0 }), {
        library,
      })
      try {
        const { run } = races.find(({ title }) => title === step.foundBy)!
        await expect(inTime(run(site))).rejects.toThrow()
      } finally {
        await site.close()
      }
    } finally {
      remove()
    }
  })
})
