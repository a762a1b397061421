import { type MoveProgress, moveSessions } from '../../moving.ts'
import { DONE, FAILED } from './exit.ts'
import { shown } from './progress.ts'
import { moveDetails, seconds, unreadableLines } from './report.ts'
import { type Io, type Outcome, type PairOptions, type PairWork, runPair } from './run.ts'

/** `untorn move`: resolves with the exit code. */
export function runMove(options: PairOptions, io: Io): Promise<number> {
  const { concurrency } = options
  let done: MoveProgress | undefined
  const soFar = () => ({ text: done ? moveDetails(done) : '', result: done ? { done } : {} })
  const work = async ({ open, labels, progress, signal, say }: PairWork): Promise<Outcome> => {
    const { from, to } = open
    const since = performance.now()
    const total = progress.wantsTotal ? await from.count?.() : undefined
    const moving = progress.begin('Moving', total)
    done = await moveSessions({
      ...{ from, to, signal, concurrency },
      onProgress: (now) => {
        done = now
        moving.update(now.moved + now.ended, () => moveDetails(now))
      },
    })
    progress.end()
    say(`From ${labels.from} to ${labels.to} in ${seconds(since)}: ${moveDetails(done)}.`)
    for (const line of unreadableLines(done, labels.from)) say(line)
    if (done.left === 0) {
      if (done.unreadable > 0) return { code: FAILED, result: { done } }
      const isStore = 'save' in from
      say(isStore ? `Nothing is left in ${labels.from}.` : `Nothing of ${labels.from} is left to be taken.`)
      return { code: DONE, result: { done } }
    }
    say(
      `In each of ${done.passes} passes there were sessions in ${labels.from}, ${shown(done.left)} in the last. A ` +
        'process still creates them there: restart all with moving({ from, to }), and run this again.',
    )
    return { code: FAILED, result: { done } }
  }
  return runPair({ name: 'move', options, work, soFar }, io)
}
