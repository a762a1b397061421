// A process of its own that plays the schedules of the seeds that it is sent.
import { openPrepared } from '../../../src/stores/file/file-store.ts'
import { playSeed } from './random.ts'
import { told } from './report.ts'
import { type PlainTally, Tally } from './tally.ts'

export interface ToPlayer {
  from: number
  to: number
}

export type FromPlayer = { tally: PlainTally } | { seed: number; error: string }

process.on('disconnect', () => process.exit())
process.on('message', async ({ from, to }: ToPlayer) => {
  const tally = new Tally()
  for (let seed = from; seed < to; seed++) {
    try {
      await told(playSeed(seed, openPrepared, tally))
    } catch (error) {
      process.send!({
        seed,
        error: error instanceof Error ? error.message : String(error),
      } satisfies FromPlayer)
      return
    }
  }
  process.send!({ tally: tally.plain() } satisfies FromPlayer)
})
