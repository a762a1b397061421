import { node } from '@elysiajs/node'
import { type AnyElysia, Elysia, type ElysiaConfig } from 'elysia'
import type { AdapterConformanceOptions, AdapterSite } from '../../../src/testing.ts'
import { responseOf } from '../../adapters/conformance/sites.ts'
import { freePort } from '../../support/servers/throw-away.ts'
import { sessions } from './sessions.ts'

type Serving = ReturnType<AdapterConformanceOptions['serve']>

/** A site as the suite wants it, by Elysia's own adapter for Node.js. */
export function serve({ options, trustProxy, page }: AdapterSite): Serving {
  const app = application()
    .use(sessions({ ...options, trustProxy }))
    .onError(() => 'failed')
    .all('*', async ({ session, request }) => {
      const { pathname, search } = new URL(request.url)
      return responseOf(await page(session, { method: request.method, url: pathname + search }))
    })
  return listening(app)
}

/** An application of Elysia's for Node.js. */
export function application(config: ElysiaConfig<''> = {}) {
  return new Elysia({ adapter: node(), ...config })
}

/** On loopback, at a free port. */
export async function listening(app: AnyElysia): Serving {
  // Elysia does not tell which one it was given.
  const port = await freePort()
  const server = await new Promise<unknown>(
    (ready) => void app.listen({ port, hostname: '127.0.0.1' }, ready),
  )
  // What stands behind it; `stop()` would wait for connections that a client keeps open.
  const { raw } = server as { raw: { ready(): Promise<unknown>; close(all: boolean): Promise<void> } }
  // Elysia calls back before it listens.
  await raw.ready()
  return { url: `http://127.0.0.1:${port}`, close: () => raw.close(true) }
}
