import { DONE } from './exit.ts'
import { type OpenStore, openOne } from './open.ts'
import { shown } from './progress.ts'
import { type Io, run, type StoreOptions, type Work } from './run.ts'

/** `untorn count`: resolves with the exit code. */
export function runCount(options: StoreOptions, io: Io): Promise<number> {
  const work = async ({ open, labels, signal, say }: Work<OpenStore, 'store'>) => {
    const count = await endedBy(signal, open.store.count!())
    say(`${labels.store} has about ${shown(count)} sessions.`)
    return { code: DONE, result: { count } }
  }
  const stores = { store: options.store }
  return run<OpenStore, 'store'>(
    { name: 'count', options, stores, open: ({ store }, how) => openOne(store, how), work },
    io,
  )
}

/** A count can't be ended half way, and leaves nothing behind: who doesn't want it any more just goes. */
async function endedBy<T>(signal: AbortSignal, call: T | Promise<T>): Promise<T> {
  let end = (): void => {}
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason)
    signal.addEventListener('abort', end)
  })
  try {
    return await Promise.race([call, ended])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
