import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common'
import type { Visit } from './stall.js'

/** For those who are signed in. */
@Injectable()
export class SignedIn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { session } = context.switchToHttp().getRequest<{ session: Visit }>()
    return session.owner !== undefined
  }
}
