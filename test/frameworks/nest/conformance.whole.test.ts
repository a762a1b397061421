import type { INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { sessions as forExpress } from '../../../src/express.ts'
import { sessions as forFastify } from '../../../src/fastify.ts'
import type { AdapterSite } from '../../../src/testing.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { SiteModule } from './site.ts'

const quiet = { logger: false, forceCloseConnections: true } as const

const platforms: Record<string, (site: AdapterSite) => Promise<INestApplication>> = {
  async Express(site) {
    const app = await NestFactory.create<NestExpressApplication>(
      SiteModule.of(site),
      new ExpressAdapter(),
      quiet,
    )
    app.set('trust proxy', site.trustProxy)
    app.use(forExpress(site.options))
    return app
  },
  async Fastify(site) {
    const app = await NestFactory.create<NestFastifyApplication>(
      SiteModule.of(site),
      new FastifyAdapter({ trustProxy: site.trustProxy, forceCloseConnections: true }),
      quiet,
    )
    await app.register(forFastify(site.options) as never)
    return app
  },
}

for (const [name, create] of Object.entries(platforms)) {
  conforms(`NestJS over ${name}`, {
    async serve(site) {
      const app = await create(site)
      await app.listen(0, '127.0.0.1')
      return { url: await app.getUrl(), close: () => app.close() }
    },
    over: ['memory', 'a store that answers later'],
    concurrent: true,
  })
}
