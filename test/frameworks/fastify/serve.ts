import { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { type FastifySessionsOptions, sessionOf, sessions } from '../../../src/fastify.ts'
import type { AnyData } from '../../../src/index.ts'
import type { AdapterConformanceOptions } from '../../../src/testing.ts'

export interface Served {
  app: FastifyInstance
  url: string
  close(): Promise<void>
}

/** An application of Fastify's that listens on loopback. */
export async function serve(
  build: (app: FastifyInstance) => unknown,
  options: FastifyServerOptions = {},
): Promise<Served> {
  const app = fastify({ forceCloseConnections: true, ...options })
  await build(app)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, close: () => app.close() }
}

/** As the adapter suite asks for it. */
export const bySuite: AdapterConformanceOptions['serve'] = ({ options, trustProxy, page }) =>
  serve(
    (app) => {
      app.register(sessions(options as FastifySessionsOptions))
      app.all('/*', async (request, reply) => {
        const { method, url } = request
        const { status, headers, body = '' } = await page(sessionOf<AnyData>(request), { method, url })
        reply.code(status)
        for (const [name, value] of headers) reply.header(name, value)
        return reply.send(typeof body === 'string' ? body : Readable.from(body))
      })
    },
    { trustProxy },
  )
