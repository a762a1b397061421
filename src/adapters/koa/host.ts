import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FrameworkHost } from '../node/framework-session.ts'
import { isGone } from '../node/response/gone.ts'
import { warnOfInsecureCookie } from '../request/forwarded.ts'
import type { RequestHeader } from '../request/host.ts'

/** As much of a context of Koa as is used here. */
export interface KoaContext {
  readonly app: { readonly proxy: boolean }
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly method: string
  /** Of the connection, or with `app.proxy` what the proxy says. */
  readonly secure: boolean
  /** `false`: the handler answers by itself, on `res`. */
  readonly respond?: boolean
  status: number
  body: unknown
  /** Answers an error that no middleware has caught. */
  onerror(error: unknown): void
}

/** `cookieFollows`: the cookie is Secure as the request is (`cookie.secure: 'auto'`). */
export function koaHost(cookieFollows: boolean): FrameworkHost<KoaContext> {
  return {
    cookieOf: ({ req }) => req.headers.cookie,
    headerOf: ({ req }) => headerOf(req),
    // The context's own can be assigned, by what a form of any page asks for (koa-override).
    methodOf: ({ req }) => req.method,
    isSecure: ({ secure }) => secure,
    onInsecureCookie({ app, req }) {
      if (cookieFollows) warnOfInsecureCookie(headerOf(req), '`app.proxy = true`', app.proxy)
    },
    responseTo: ({ res }) => res,
    clientIsGone: ({ res }) => isGone(res),
    whenOver: ({ res }, over) => void res.on('close', over),
    isPassedBy: ({ res }) => res.headersSent,
  }
}

function headerOf(req: IncomingMessage): RequestHeader {
  return (name) => req.headers[name]
}
