import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { sessions as forExpress } from 'untorn/express'
import { sessions as forFastify } from 'untorn/fastify'
import { OwnForms } from './own-forms.guard.js'
import { sessions } from './sessions.js'
import { StallModule } from './stall.module.js'

const app = await (process.env.PLATFORM === 'fastify' ? onFastify() : onExpress())
app.useGlobalGuards(new OwnForms())
// At SIGTERM what is under way is answered first, and the store closed then.
app.enableShutdownHooks()

await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
console.log(await app.getUrl())

async function onExpress() {
  const app = await NestFactory.create<NestExpressApplication>(StallModule, { logger: ['error', 'warn'] })
  return app.use(forExpress({ sessions }))
}

async function onFastify() {
  const app = await NestFactory.create<NestFastifyApplication>(StallModule, new FastifyAdapter(), {
    logger: ['error', 'warn'],
  })
  await app.register(forFastify({ sessions }))
  return app
}
