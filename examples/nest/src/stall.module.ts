import { Module } from '@nestjs/common'
import { StallController } from './stall.controller.js'

@Module({ controllers: [StallController] })
export class StallModule {}
