const EVENTS = ['unhandledRejection', 'uncaughtException'] as const

/**
 * Loads a server that is made to have a process for itself, and takes back that it listens for the errors of all of it: a process of
 * tests has others, whose errors must not be its.
 */
export async function withoutItsListeners<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const before = new Set<unknown>(EVENTS.flatMap((event) => process.rawListeners(event)))
  const loaded = await load()
  for (const event of EVENTS)
    for (const added of process.rawListeners(event))
      if (!before.has(added)) process.removeListener(event, added as () => void)
  return loaded
}
