import type { Site } from '../sessions/visit.ts'

/** Runs `first`; before its call number `at` reaches the store, `second` runs from beginning to end. `met`: it did. */
export async function interleaved(
  shop: Pick<Site, 'store'>,
  at: number,
  first: () => unknown,
  second: () => unknown,
) {
  let calls = 0
  let running: Promise<PromiseSettledResult<unknown>> | undefined
  shop.store.between = () => {
    if (running !== undefined || calls++ !== at) return
    // With a synchronous store its calls are all made before this returns.
    running = settledResult(second)
    return running
  }
  const firstResult = await settledResult(first)
  shop.store.between = () => {}
  const met = running !== undefined
  return { met, first: firstResult, second: await (running ?? settledResult(second)) }
}

export async function settledResult(work: () => unknown): Promise<PromiseSettledResult<unknown>> {
  try {
    return { status: 'fulfilled', value: await work() }
  } catch (reason) {
    return { status: 'rejected', reason }
  }
}
