import { Module, type OnApplicationShutdown } from '@nestjs/common'
import { sessions } from './sessions.js'
import { StallController } from './stall.controller.js'

@Module({ controllers: [StallController] })
export class StallModule implements OnApplicationShutdown {
  /** Behind the last request: in `onModuleDestroy` some are still under way, and would find the store closed. */
  async onApplicationShutdown() {
    await sessions.close()
  }
}
