import type { FileStoreEvent } from '../../file.ts'
import type { Swept } from '../../index.ts'
import { DONE, FAILED } from './exit.ts'
import { type OpenStore, openOne } from './open.ts'
import { type Phase, shown } from './progress.ts'
import { seconds, sweptDetails } from './report.ts'
import { type Io, type Outcome, run, type StoreOptions, type Work } from './run.ts'

/** Lines about files at most: of the rest the number. */
const MOST_LINES = 10

/** `untorn clear-expired`: resolves with the exit code. */
export function runClearExpired(options: StoreOptions, io: Io): Promise<number> {
  const failures: string[] = []
  let done: Swept | undefined
  const soFar = () => ({ text: done ? sweptDetails(done) : '', result: done ? { done } : {} })
  const work = async ({ open, labels, progress, signal, say, complain }: Work<OpenStore, 'store'>) => {
    const since = performance.now()
    let sweeping: Phase | undefined
    done = await open.store.clearExpired({
      signal,
      onProgress: ({ done: parts, total, scanned, removed }) => {
        done = { scanned, removed }
        sweeping ??= progress.begin('Sweeping', total, 'parts')
        sweeping.update(parts, () => sweptDetails({ scanned, removed }))
      },
    })
    progress.end()
    if (open.kind === 'redis')
      say(`${labels.store} removes what has expired by itself: nothing was left to do.`)
    else say(`From ${labels.store} in ${seconds(since)}: ${sweptDetails(done)}.`)
    return outcome(done, failures, complain)
  }
  return run<OpenStore, 'store'>(
    {
      ...{ name: 'clear-expired', options, stores: { store: options.store }, work, soFar },
      open: ({ store }, how) =>
        openOne(store, { ...how, onFileEvent: (event) => void failures.push(...failureIn(event)) }),
    },
    io,
  )
}

/** What could not be looked at or removed is still there, so that cron has to hear of it. */
function outcome(done: Swept, failures: string[], complain: (line: string) => void): Outcome {
  for (const failure of failures.slice(0, MOST_LINES)) complain(failure)
  const more = failures.length - MOST_LINES
  if (more > 0) complain(`and ${shown(more)} more.`)
  return { code: failures.length > 0 ? FAILED : DONE, result: { done, failed: failures.length } }
}

function failureIn(event: FileStoreEvent): string[] {
  const because = 'error' in event && event.error instanceof Error ? event.error.message : ''
  switch (event.type) {
    case 'sweep-failed':
    case 'foreign-file':
      return [because]
    case 'damaged-journal':
      return event.whole ? [`${event.file} is damaged or was renamed: it is no session, and stays.`] : []
    case 'file-left':
      return [`${event.file} could not be removed: ${because}`]
    default:
      return []
  }
}
