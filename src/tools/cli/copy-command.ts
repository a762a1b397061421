import { type CopyProgress, copySessions, verifySessions } from '../../copy.ts'
import { DONE, FAILED } from './exit.ts'
import { shown } from './progress.ts'
import { copyDetails, refusedLines, seconds, unreadableLines, verifiedLines } from './report.ts'
import { type Io, type Outcome, type PairOptions, type PairWork, runPair } from './run.ts'

/** `untorn copy`: resolves with the exit code. */
export function runCopy(options: PairOptions, io: Io): Promise<number> {
  const { concurrency } = options
  let done: CopyProgress | undefined
  const soFar = () => ({ text: done ? copyDetails(done) : '', result: done ? { done } : {} })
  const work = async ({ open, labels, progress, signal, say }: PairWork): Promise<Outcome> => {
    const { from, to } = open
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
    for (const line of unreadableLines(done, labels.from)) say(line)
    for (const line of refusedLines(done, labels.to)) say(line)
    const comparing = progress.begin('Comparing', done.seen)
    const verified = await verifySessions({
      ...{ from, to, signal, concurrency },
      onProgress: ({ compared }) => comparing.update(compared),
    })
    progress.end()
    for (const line of verifiedLines(verified, 'save' in from)) say(line)
    const isAll = verified.ok && done.unreadable === 0 && done.refused === 0
    return { code: isAll ? DONE : FAILED, result: { done, verified } }
  }
  return runPair({ name: 'copy', options, work, soFar }, io)
}
