/**
 * Carries something out `count` times, so many at a time: each lane starts its next when its last is done, as requests
 * do that are served at once. One that fails ends its lane, and is thrown when all have ended.
 */
export async function onLanes(
  lanes: number,
  count: number,
  once: (lane: number, turn: number) => Promise<unknown>,
): Promise<void> {
  const run = async (lane: number): Promise<void> => {
    const turns = Math.floor(count / lanes) + (lane < count % lanes ? 1 : 0)
    for (let turn = 0; turn < turns; turn++) await once(lane, turn)
  }
  const ended = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => run(lane)))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}
