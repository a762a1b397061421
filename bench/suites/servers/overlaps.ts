import { spread } from '../../measure/statistics.ts'
import type { Row, Target } from '../../suite.ts'
import { keptByPeer, keptByUntorn, OVERLAPPING } from '../store/overlap.ts'
import { openPair, type ServerName } from './pairs.ts'

/** How many of requests that overlap, each setting a value of its own, are found in the session afterwards. */
export async function overlapsOf(
  server: ServerName,
  url: string,
): Promise<{ rows: Row[]; targets: Target[] }> {
  const { untorn, peer, peerName, close } = await openPair[server](url)
  try {
    const kept = await keptByUntorn(untorn)
    const keptBeside = await keptByPeer(peer)
    const row = (name: string, kept: number): Row => ({
      group: `${OVERLAPPING} overlapping requests, each sets a value of its own: kept`,
      name: `${server}, ${name}`,
      unit: 'count',
      value: spread([kept]),
    })
    const what = `${server}: kept of ${OVERLAPPING} overlapping changes`
    return {
      rows: [row('untorn', kept), row(peerName, keptBeside)],
      targets: [{ what, limit: 'at least', bound: OVERLAPPING, value: kept, unit: 'count' }],
    }
  } finally {
    await close()
  }
}
