import type { RequestHandler } from 'express'
import { sendError } from './views/error.ts'

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': contentSecurityPolicy,
    'X-Content-Type-Options': 'nosniff',
    // Not `no-referrer`: browsers then send `Origin: null` with our own forms.
    'Referrer-Policy': 'same-origin',
  })
  next()
}

/**
 * Refuses forms that another site sends (CSRF). The session cookie is SameSite=Lax and nothing changes on GET, so a
 * foreign form has no session anyway; the check of `Origin` also covers sibling subdomains and old browsers.
 */
export const sameOriginPosts: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD' || originHost(req.get('origin')) === req.get('host'))
    return next()
  sendError(res, 403, 'This form came from another site, so nothing was changed.')
}

function originHost(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined
}
