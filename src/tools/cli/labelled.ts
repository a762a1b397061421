import { type MaybePromise, type SessionSource, type SessionStore, UntornError } from '../../index.ts'

/** All that a store may have: where the contract gets another verb, it has to be said here what becomes of it. */
type Verbs = { [Verb in keyof Required<SessionStore>]: SessionStore[Verb] | undefined }

type VerbsOfSource = { [Verb in keyof Required<SessionSource>]: SessionSource[Verb] | undefined }

/** What is only read, with errors that say what it is. */
export function labelledSource(source: SessionSource, label: string): SessionSource {
  const at = calling(label)
  const verbs: VerbsOfSource = {
    loadsAtOnce: false,
    load: (...args) => at(() => source.load(...args)),
    close: () => at(() => source.close()),
    count: source.count && (() => at(() => source.count!())),
    now: source.now && (() => at(() => source.now!())),
    records: (options) => listing(source, label, options),
  }
  return verbs as SessionSource
}

/** A store whose errors say which of the two it is. */
export function labelled(store: SessionStore, label: string): SessionStore {
  const at = calling(label)
  const verbs: Verbs = {
    loadsAtOnce: false,
    create: (...args) => at(() => store.create(...args)),
    load: (...args) => at(() => store.load(...args)),
    save: (...args) => at(() => store.save(...args)),
    exists: (...args) => at(() => store.exists(...args)),
    delete: (...args) => at(() => store.delete(...args)),
    clearExpired: (...args) => at(() => store.clearExpired(...args)),
    close: () => at(() => store.close()),
    count: store.count && (() => at(() => store.count!())),
    // Times are put forward or back by it: without it the two stores would be taken to have one clock.
    now: store.now && (() => at(() => store.now!())),
    byOwner: undefined, // no command asks for it
    records: (options) => listing(store, label, options),
  }
  return verbs as SessionStore
}

type Calling = <T>(call: () => MaybePromise<T>) => Promise<T>

function calling(label: string): Calling {
  return async (call) => {
    try {
      return await call()
    } catch (error) {
      throw withLabel(error, label)
    }
  }
}

async function* listing(
  source: SessionSource,
  label: string,
  options: Parameters<SessionSource['records']>[0],
): ReturnType<SessionSource['records']> {
  try {
    yield* source.records(options)
  } catch (error) {
    throw withLabel(error, label)
  }
}

/** An error of a store with its label before the message; one that has it, or that is not untorn's, as it is. */
export function withLabel(error: unknown, label: string): unknown {
  if (!(error instanceof UntornError) || error.message.includes(label)) return error
  return new UntornError(error.code, `${label}: ${error.message}`, { cause: error.cause })
}
