import { describe, expect, it } from 'vitest'
import { openPrepared } from '../../../src/stores/file/file-store.ts'
import { inWhole, whole } from '../../support/whole.ts'
import { TIMEOUT } from './explored.ts'
import { playSeed } from './random.ts'
import { told } from './report.ts'
import { missing, Tally } from './tally.ts'

/** The whole run has enough of them to go through everything. */
const SCHEDULES = inWhole(3000, 40)

describe('random schedules of three and four processes', () => {
  it(
    `${SCHEDULES} of them break no promise${whole ? ', and go through everything that a store does' : ''}`,
    async () => {
      const tally = new Tally()
      for (let seed = 1; seed <= SCHEDULES; seed++) {
        await told(playSeed(seed, openPrepared, tally)).catch((error: Error) => {
          throw new Error(`npm run simulate -- --seed ${seed}\n${error.message}`)
        })
      }
      expect(tally.steps).toBeGreaterThan(1000)
      if (whole) expect(missing(tally)).toEqual([])
    },
    TIMEOUT,
  )

  it('the same seed is the same schedule', async () => {
    const [first, second] = [new Tally(), new Tally()]
    for (const tally of [first, second])
      for (let seed = 1; seed <= 5; seed++) await playSeed(seed, openPrepared, tally)
    expect(second).toEqual(first)
    expect(first.steps).toBeGreaterThan(100)
  })
})
