import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { SessionStore } from '../../src/contract/store.ts'

// Short and long waits, so that calls overtake each other.
const aWhile = () => (Math.random() < 0.8 ? setImmediate() : sleep(1))

/** A store whose every answer is a promise, which takes a while before the work and a while after it. */
export function delayedStore(store: SessionStore): SessionStore {
  const late =
    <Args extends unknown[], Answer>(verb: (...args: Args) => Answer) =>
    async (...args: Args): Promise<Awaited<Answer>> => {
      await aWhile()
      const answer = await verb.apply(store, args)
      await aWhile()
      return answer
    }
  async function* slowly<T>(items: AsyncIterable<T>): AsyncIterable<T> {
    await aWhile()
    yield* items
  }
  const { byOwner, count, now } = store
  return {
    create: late(store.create),
    load: late(store.load),
    save: late(store.save),
    exists: late(store.exists),
    delete: late(store.delete),
    clearExpired: late(store.clearExpired),
    records: (options) => slowly(store.records(options)),
    ...(byOwner && { byOwner: (owner: string) => slowly(byOwner.call(store, owner)) }),
    ...(count && { count: late(count) }),
    ...(now && { now: late(now) }),
    close: late(store.close),
  }
}
