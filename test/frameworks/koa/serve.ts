import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import Koa3 from 'koa'
// @ts-expect-error: the declarations are those of Koa 3
import Koa2 from 'koa2'
import type { AnyData } from '../../../src/index.ts'
import { type KoaSessionsOptions, sessionOf, sessions } from '../../../src/koa.ts'
import type { AdapterConformanceOptions } from '../../../src/testing.ts'

/** Both majors; what is declared is the newer one. */
export const majors: Record<string, typeof Koa3> = { 'Koa 3': Koa3, 'Koa 2': Koa2 }

export interface Served {
  app: Koa3
  url: string
  close(): Promise<void>
}

/** An application of Koa's that listens on loopback. What it would print of errors is not printed. */
export async function serve(Koa: typeof Koa3, build: (app: Koa3) => unknown): Promise<Served> {
  const app = new Koa()
  app.silent = true
  await build(app)
  const server = app.listen(0, '127.0.0.1')
  await new Promise((listening) => server.on('listening', listening))
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return { app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** As the adapter suite asks for it. */
export const bySuite =
  (Koa: typeof Koa3): AdapterConformanceOptions['serve'] =>
  ({ options, trustProxy, page }) =>
    serve(Koa, (app) => {
      app.proxy = trustProxy
      app.use(sessions(options as KoaSessionsOptions))
      app.use(async (ctx) => {
        const { method, url } = ctx
        const { status, headers, body = '' } = await page(sessionOf<AnyData>(ctx), { method, url })
        ctx.status = status
        for (const [name, value] of headers) ctx.append(name, value)
        ctx.body = typeof body === 'string' ? body : Readable.from(body)
      })
    })
