import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common'
import type { Request } from 'express'

/** A form of another site is not from here: SameSite=Lax keeps the cookie from it, and this the form. */
@Injectable()
export class OwnForms implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>()
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    return isRead || (request.get('sec-fetch-site') ?? 'same-origin') === 'same-origin'
  }
}
