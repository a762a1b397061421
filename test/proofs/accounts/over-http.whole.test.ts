import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { createSessions } from '../../../src/index.ts'
import { sessions } from '../../../src/node.ts'
import { application } from './application.ts'
import { everyOrder, type Layer, shipped, titleOf } from './explore.ts'
import { overHttp } from './front.ts'
import { DECIDING, LIMITED, PLANS } from './plans.ts'
import { STARTS } from './starts.ts'

/** Of two servers what each serves now: each order has a store of its own. */
const served: RequestListener[] = []
const servers = [0, 1].map((nth) => createServer((req, res) => served[nth]!(req, res)).listen(0, '127.0.0.1'))
await Promise.all(servers.map((server) => once(server, 'listening')))

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
})

const layer: Layer = {
  ...shipped,
  front(process, options) {
    served[process] = application({ createSessions, sessions }, options)
    return overHttp((servers[process]!.address() as AddressInfo).port)
  },
}

const deciding = [STARTS.signedIn, STARTS.rotated, STARTS.justSignedIn, STARTS.twoDevices].flatMap((start) =>
  DECIDING.map((verbs) => ({ start, verbs })),
)

test('over HTTP the orders in which requests meet keep every promise', async () => {
  const others = [...PLANS, ...LIMITED].filter((_, nth) => nth % 10 === 0)
  for (const plan of [...deciding, ...others])
    expect((await everyOrder(layer, plan, 40)).orders, titleOf(plan)).toBeGreaterThan(0)
}, 900_000)
