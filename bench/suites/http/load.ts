import autocannon, { type Options } from 'autocannon'
import type { Kind } from './candidates.ts'
import { percentile } from './percentile.ts'

export const CONNECTIONS = 16

/** Seconds. A request that is not answered for ten is an error before. */
const TOO_LONG = 60

export interface Load {
  port: number
  kind: Kind
  /** One for each connection; none: without a cookie. */
  cookies: readonly string[] | undefined
  /** Longer if it takes longer to answer as many requests as there are connections. */
  seconds: number
}

export interface Answers {
  perSecond: number
  /** Of the time until an answer was there, in milliseconds. */
  p50: number
  p99: number
}

/** Asks on every connection again as soon as it is answered. Fails if an answer is not 200, or there is none. */
export async function load({ port, kind, cookies, seconds }: Load): Promise<Answers> {
  const times: number[] = []
  const wrong = new Set<string>()
  let connection = 0
  let last = 0
  const started = performance.now()
  const options: Options = {
    url: `http://127.0.0.1:${port}${kind.path}`,
    method: kind.method,
    connections: CONNECTIONS,
    duration: TOO_LONG,
    // Milliseconds of its clock: it stops at a tick only.
    sampleInt: 10,
    skipAggregateResult: true,
    setupClient(client) {
      if (cookies) client.setHeaders({ cookie: cookies[connection++]! })
    },
  }
  await new Promise<void>((resolve, reject) => {
    const running = autocannon(options, (error: unknown) => (error ? reject(error) : resolve()))
    // Its own histogram has whole milliseconds.
    running.on('response', (_client, status, _bytes, took) => {
      if (status !== 200) wrong.add(`status ${status}`)
      times.push(took)
      last = performance.now()
      if (last - started >= seconds * 1000 && times.length >= CONNECTIONS) running.stop()
    })
    running.on('reqError', (error: Error) => {
      wrong.add(error.message)
      running.stop()
    })
  })
  if (wrong.size > 0) throw new Error(`${kind.path} was answered with ${[...wrong].join(', ')}.`)
  const perSecond = times.length / ((last - started) / 1000)
  return { perSecond, p50: percentile(times, 50), p99: percentile(times, 99) }
}
