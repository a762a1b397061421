import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { AdapterConformanceOptions, AdapterSite } from '../../../src/testing.ts'
import { responseOf } from '../../adapters/conformance/sites.ts'
import { sessions } from './sessions.ts'

type Serving = ReturnType<AdapterConformanceOptions['serve']>

/** A site as the suite wants it, by Hono's own server for Node.js. */
export function serve({ options, trustProxy, page }: AdapterSite): Serving {
  const app = new Hono().use(sessions({ ...options, trustProxy }))
  app.all('*', async (c) => {
    const { pathname, search } = new URL(c.req.url)
    return responseOf(await page(c.var.session, { method: c.req.method, url: pathname + search }))
  })
  // Hono's own would print each error.
  app.onError((_error, c) => c.text('failed', 500))
  return listening(app)
}

type Options = Parameters<typeof createAdaptorServer>[0]

interface Listening {
  fetch: Options['fetch']
  /** Another server than that of `node:http`. */
  createServer?: unknown
}

/** On loopback, at a free port. */
export async function listening({ fetch, createServer }: Listening): Serving {
  const server = createAdaptorServer({ fetch, createServer } as Options)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}
