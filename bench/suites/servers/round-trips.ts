import type { SessionStore } from 'untorn'
import { type PeerServerStore, peerSession } from '../../candidates/express-session.ts'
import { newKey, newRecord, tokenChanges, values } from '../../candidates/sample.ts'
import { spread } from '../../measure/statistics.ts'
import type { Row, Target } from '../../suite.ts'
import { startCountingProxy, through } from './counting-proxy.ts'
import { openPair, type Pair, type ServerName } from './pairs.ts'
import { peerApplication, requestsOf, untornApplication } from './requests.ts'
import type { Step } from './step.ts'

const TIMES = 10

export interface RoundTrips {
  rows: Row[]
  targets: Target[]
}

/** How often each call, and each request, has to wait for the server. */
export async function roundTrips(server: ServerName, url: string): Promise<RoundTrips> {
  const proxy = await startCountingProxy(Number(new URL(url).port))
  const pair = await openPair[server](through(url, proxy.port))
  const applications = [await untornApplication(pair), await peerApplication(pair)] as const
  try {
    const count = (step: Step): Promise<number> => countedBy(proxy.take, step)
    const verbs = group('call', pair)
    const requests = group('request to Express', pair)
    const rows: Row[] = []
    const add = async (group: string, who: string, steps: readonly Step[]): Promise<void> => {
      for (const step of steps) {
        const name = `${pair.server}, ${who}: ${step.name}`
        rows.push({ group, name, unit: 'count', value: spread([await count(step)]) })
      }
    }
    await add(verbs, 'untorn', untornSteps(pair.untorn))
    await add(verbs, pair.peerName, peerSteps(pair.peer))
    await add(requests, 'untorn', requestsOf(applications[0].port))
    await add(requests, pair.peerName, requestsOf(applications[1].port))
    return { rows, targets: targets(pair, rows) }
  } finally {
    await Promise.all(applications.map(({ close }) => close()))
    await pair.close()
    await proxy.close()
  }
}

function group(of: string, { server }: Pair): string {
  return `Round trips to ${server} for each ${of}`
}

/** The first time is not counted: connections are opened, scripts loaded, statements prepared. */
async function countedBy(take: () => number, { before, once }: Step): Promise<number> {
  let counted = 0
  for (let time = 0; time <= TIMES; time++) {
    await before()
    take()
    await once()
    if (time > 0) counted += take()
  }
  return counted / TIMES
}

function untornSteps(store: SessionStore): Step[] {
  let key = newKey()
  const before = async (): Promise<void> => {
    key = newKey()
    await store.create(key, newRecord())
  }
  const change = tokenChanges[0]!
  return [
    { name: 'create', before: async () => {}, once: async () => store.create(newKey(), newRecord()) },
    { name: 'load', before, once: async () => store.load(key) },
    { name: 'save', before, once: async () => store.save(key, change) },
    { name: 'conditional save', before, once: async () => store.save(key, change, { ifVersion: 0 }) },
    {
      name: 'conditional save, in conflict',
      before,
      once: async () => store.save(key, change, { ifVersion: 7 }),
    },
    { name: 'exists', before, once: async () => store.exists(key) },
    { name: 'delete', before, once: async () => store.delete(key) },
  ]
}

function peerSteps(store: PeerServerStore): Step[] {
  const session = peerSession(values)
  let id = newKey()
  const called = (call: (done: (error?: unknown) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())))
  const set = (): Promise<void> => called((done) => store.set(id, session, done))
  const before = async (): Promise<void> => {
    id = newKey()
    await set()
  }
  return [
    { name: 'get', before, once: () => called((done) => store.get(id, done)) },
    { name: 'set', before, once: set },
    { name: 'touch', before, once: () => called((done) => store.touch(id, session, done)) },
    { name: 'destroy', before, once: () => called((done) => store.destroy(id, done)) },
  ]
}

function targets({ server }: Pair, rows: readonly Row[]): Target[] {
  return ['load', 'save', 'a visitor without a session'].map((what) => ({
    what: `${server}: round trips, ${what}`,
    limit: 'at most',
    bound: what.startsWith('a visitor') ? 0 : 1,
    value: rows.find(({ name }) => name === `${server}, untorn: ${what}`)!.value.median,
    unit: 'count',
  }))
}
