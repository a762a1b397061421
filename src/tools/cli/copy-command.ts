import { type CopyProgress, copySessions, verifySessions } from '../../copy.ts'
import { DONE, FAILED } from './exit.ts'
import { shown } from './progress.ts'
import { copyDetails, refusedLines, seconds, verifiedLines } from './report.ts'
import { type CommonOptions, type Io, type Outcome, run, type Work } from './run.ts'

/** `untorn copy`: resolves with the exit code. */
export function runCopy(options: CommonOptions, io: Io): Promise<number> {
  const { concurrency } = options
  let done: CopyProgress | undefined
  const soFar = () => ({ text: done ? copyDetails(done) : '', result: done ? { done } : {} })
  const work = async ({ from, to, labels, progress, signal, say }: Work): Promise<Outcome> => {
    const since = performance.now()
    const total = progress.wantsTotal ? await from.count?.() : undefined
    const copying = progress.begin('Copying', total)
    done = await copySessions({
      ...{ from, to, signal, concurrency },
      onProgress: (now) => {
        done = now
        copying.update(now.seen, () => copyDetails(now))
      },
    })
    progress.end()
    const details = copyDetails(done)
    const came = `${shown(done.seen)} sessions came from ${labels.from} to ${labels.to} in ${seconds(since)}`
    say(`${came}${details && `: ${details}`}.`)
    for (const line of refusedLines(done, labels.to)) say(line)
    const comparing = progress.begin('Comparing', done.seen)
    const verified = await verifySessions({
      ...{ from, to, signal, concurrency },
      onProgress: ({ compared }) => comparing.update(compared),
    })
    progress.end()
    for (const line of verifiedLines(verified)) say(line)
    return { code: verified.ok && done.refused === 0 ? DONE : FAILED, result: { done, verified } }
  }
  return run({ name: 'copy', options, work, soFar }, io)
}
