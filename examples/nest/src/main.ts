import 'reflect-metadata'
import { join } from 'node:path'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { sessions } from 'untorn/express'
import { fileStore } from 'untorn/file'
import { OwnForms } from './own-forms.guard.js'
import type { Stall } from './stall.js'
import { StallModule } from './stall.module.js'

const store = fileStore(join(import.meta.dirname, '..', '.sessions'))

const app = await NestFactory.create<NestExpressApplication>(StallModule, { logger: ['error', 'warn'] })
app.use(sessions<Stall>({ store }))
app.useGlobalGuards(new OwnForms())

await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
console.log(await app.getUrl())
