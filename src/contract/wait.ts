/** A value that is there already, or will be: awaiting one that is there costs more than a file's `fstat`. */
export type MaybePromise<T> = T | Promise<T>

/**
 * Work written once for synchronous and asynchronous stores: a generator that waits with `yield* settled(...)`.
 * {@link run} carries it out, without a promise for as long as nothing that it waits for is one.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a yield gives back is typed by settled(), not by the generator
export type Steps<T> = Generator<Promise<unknown>, T, any>

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** Inside {@link Steps}: the value, waited for where it is a promise. */
export function* settled<T>(value: MaybePromise<T>): Steps<T> {
  return isPromise(value) ? yield value : value
}

/** Goes on with a value: now where it is there, later where it is a promise. */
export function after<T, Next>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<Next>,
): MaybePromise<Next> {
  return isPromise(value) ? value.then(next) : next(value)
}

/** Carries out work; what it throws, or rejects with, is for `failed` to answer in its place. */
export function attempt<T, Failed>(
  work: () => MaybePromise<T>,
  failed: (error: unknown) => MaybePromise<Failed>,
): MaybePromise<T | Failed> {
  try {
    const working = work()
    return isPromise(working) ? working.then(undefined, failed) : working
  } catch (error) {
    return failed(error)
  }
}

/** How work ended. */
export type Outcome<T> = { done: true; value: T } | { done: false; error: unknown }

/** Begins work, and answers how it ended in place of throwing. */
export function outcomeOf<T>(work: () => MaybePromise<T>): MaybePromise<Outcome<T>> {
  try {
    const working = work()
    return isPromise(working) ? working.then(done, failed) : done(working)
  } catch (error) {
    return failed(error)
  }
}

const done = <T>(value: T): Outcome<T> => ({ done: true, value })
const failed = (error: unknown): { done: false; error: unknown } => ({ done: false, error })

/** Inside {@link Steps}: begins works side by side, and waits for all of them. Throws what the first that failed has thrown. */
export function* together<const Works extends readonly (() => unknown)[]>(
  works: Works,
): Steps<{ -readonly [Index in keyof Works]: Awaited<ReturnType<Works[Index]>> }> {
  const values: unknown[] = []
  let failure: { error: unknown } | undefined
  for (const begun of works.map((work) => outcomeOf(work))) {
    const outcome: Outcome<unknown> = yield* settled(begun)
    if (outcome.done) values.push(outcome.value)
    else failure ??= outcome
  }
  if (failure !== undefined) throw failure.error
  return values as never
}

/** Carries out {@link Steps}; throws, or rejects once it had to wait, as they do. */
export function run<T>(steps: Steps<T>): MaybePromise<T> {
  const first = steps.next()
  return first.done ? first.value : runOn(steps, first.value)
}

async function runOn<T>(steps: Steps<T>, waitFor: Promise<unknown>): Promise<T> {
  let next = waitFor
  for (;;) {
    let result: IteratorResult<Promise<unknown>, T>
    try {
      result = steps.next(await next)
    } catch (error) {
      // From the awaited promise or from the steps themselves; a finished generator rethrows either.
      result = steps.throw(error)
    }
    if (result.done) return result.value
    next = result.value
  }
}
