import type { IncomingMessage } from 'node:http'
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common'

/** A form of another site is not from here: SameSite=Lax keeps the cookie from it, and this the form. */
@Injectable()
export class OwnForms implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<IncomingMessage>()
    const isRead = method === 'GET' || method === 'HEAD'
    return isRead || (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin'
  }
}
