import type { SessionSource } from '../../contract/source.ts'
import type { SessionStore } from '../../contract/store.ts'
import { asOptions, asWholeNumber } from '../../options/checks.ts'
import { asTwoStores } from '../../options/store.ts'

/** What all is done to that goes through one store and does something to another. */
export interface Stores {
  /** The store that sessions come from, or what others have stored (`untorn/formats`). */
  from: SessionSource
  /** The store that they go to. */
  to: SessionStore
}

/** How it goes through them. */
export interface Course {
  /** Ends it early, between two sessions; the promise then rejects with the signal's reason. */
  signal?: AbortSignal
  /** Sessions worked on at the same time. Default: 16. */
  concurrency?: number
}

const CONCURRENCY = 16

/** Throws `InvalidOptionError` for what can't be used. */
export function checkedCourse<Options extends Stores & Course>(
  options: Options,
): Options & { concurrency: number } {
  const {
    from,
    to,
    concurrency = CONCURRENCY,
  } = asOptions(options, ['from', 'to', 'signal', 'concurrency', 'onProgress'])
  return {
    ...options,
    ...asTwoStores({ from, to }),
    concurrency: asWholeNumber('concurrency', concurrency, { from: 1 }),
  }
}

/** Closes both, also where one can't be closed; throws what that has thrown. */
export async function closeBoth({ from, to }: Stores): Promise<void> {
  const closed = await Promise.allSettled([from, to].map(async (each) => each.close()))
  for (const each of closed) if (each.status === 'rejected') throw each.reason
}
