import { type MoveProgress, moveSessions } from '../../moving.ts'
import { DONE, FAILED } from './exit.ts'
import { shown } from './progress.ts'
import { moveDetails, seconds, Unreadable } from './report.ts'
import { type CommonOptions, type Io, type Outcome, run, type Work } from './run.ts'

/** `untorn move`: resolves with the exit code. */
export function runMove(options: CommonOptions, io: Io): Promise<number> {
  const { concurrency } = options
  let done: MoveProgress | undefined
  const unreadable = new Unreadable()
  const soFar = () => ({ text: done ? moveDetails(done) : '', result: done ? { done } : {} })
  const work = async ({ from, to, labels, progress, signal, say }: Work): Promise<Outcome> => {
    const since = performance.now()
    const total = progress.wantsTotal ? await from.count?.() : undefined
    const moving = progress.begin('Moving', total)
    done = await moveSessions({
      ...{ from, to, signal, concurrency },
      onProgress: (now) => {
        done = now
        moving.update(now.moved + now.ended, () => moveDetails(now))
      },
      onUnreadable: unreadable.note,
    })
    progress.end()
    say(`From ${labels.from} to ${labels.to} in ${seconds(since)}: ${moveDetails(done)}.`)
    for (const line of unreadable.lines()) say(line)
    const result = { done, ...unreadable.result() }
    if (done.left === 0) {
      if (unreadable.count > 0) return { code: FAILED, result }
      say(`Nothing is left in ${labels.from}.`)
      return { code: DONE, result }
    }
    say(
      `In each of ${done.passes} passes there were sessions in ${labels.from}, ${shown(done.left)} in the last. A ` +
        'process still creates them there: restart all with moving({ from, to }), and run this again.',
    )
    return { code: FAILED, result }
  }
  return run({ name: 'move', options, work, soFar }, io)
}
