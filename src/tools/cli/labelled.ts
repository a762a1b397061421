import { type MaybePromise, type SessionStore, UntornError } from '../../index.ts'

/** All that a store may have: where the contract gets another verb, it has to be said here what becomes of it. */
type Verbs = { [Verb in keyof Required<SessionStore>]: SessionStore[Verb] | undefined }

/** A store whose errors say which of the two it is. */
export function labelled(store: SessionStore, label: string): SessionStore {
  const at = async <T>(call: () => MaybePromise<T>): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      throw withLabel(error, label)
    }
  }
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
    async *records(options) {
      try {
        yield* store.records(options)
      } catch (error) {
        throw withLabel(error, label)
      }
    },
  }
  return verbs as SessionStore
}

/** An error of a store with its label before the message; one that has it, or that is not untorn's, as it is. */
export function withLabel(error: unknown, label: string): unknown {
  if (!(error instanceof UntornError) || error.message.includes(label)) return error
  return new UntornError(error.code, `${label}: ${error.message}`, { cause: error.cause })
}
