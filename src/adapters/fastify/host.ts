import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FrameworkHost, FrameworkSession } from '../node/framework-session.ts'
import { isGone } from '../node/response/gone.ts'
import { warnOfInsecureCookie } from '../request/forwarded.ts'
import type { RequestHeader } from '../request/host.ts'
import { INNERMOST } from '../request/sessions-on.ts'

/** As much of an instance of Fastify as is used here. */
export interface FastifyApp {
  hasRequestDecorator(name: string | symbol): boolean
  decorateRequest(name: string | symbol, value: unknown): unknown
  addHook(name: string, hook: (...args: never[]) => unknown): unknown
}

/** As much of its request. */
export interface FastifyRequest {
  readonly raw: IncomingMessage
  readonly method: string
  /** Of the connection, or what a proxy says that the option `trustProxy` trusts. */
  readonly protocol: string
  /** Only with `trustProxy`. */
  readonly ips?: readonly string[]
}

/** As much of its reply. */
export interface FastifyReply {
  readonly raw: ServerResponse
  /** It is hijacked, or was ended. */
  readonly sent: boolean
  code(status: number): unknown
  getHeader(name: string): unknown
  header(name: string, value: unknown): unknown
  removeHeader(name: string): unknown
}

/** The session of a request of Fastify's. */
export class FastifySession<Data extends object> extends FrameworkSession<Data, FastifyRequest> {
  /** A request does not lead to its reply. */
  readonly reply: FastifyReply

  constructor(
    ...[reply, ...rest]: [
      FastifyReply,
      ...ConstructorParameters<typeof FrameworkSession<Data, FastifyRequest>>,
    ]
  ) {
    super(...rest)
    this.reply = reply
  }
}

/** `cookieFollows`: the cookie is Secure as the request is (`cookie.secure: 'auto'`). */
export function fastifyHost(cookieFollows: boolean): FrameworkHost<FastifyRequest> {
  return {
    cookieOf: ({ raw }) => raw.headers.cookie,
    headerOf: ({ raw }) => headerOf(raw),
    methodOf: ({ method }) => method,
    isSecure: ({ protocol }) => protocol === 'https',
    onInsecureCookie({ raw, ips }) {
      if (cookieFollows)
        warnOfInsecureCookie(headerOf(raw), 'fastify({ trustProxy: ... })', ips !== undefined)
    },
    responseTo: (request) => replyTo(request).raw,
    clientIsGone: (request) => isGone(replyTo(request).raw),
    whenOver: (request, over) => void replyTo(request).raw.on('close', over),
    isPassedBy(request) {
      const { sent, raw } = replyTo(request)
      return sent || raw.headersSent
    },
  }
}

/** The same for each of its sessions. */
function replyTo(request: FastifyRequest): FastifyReply {
  return (request as unknown as { [INNERMOST]: FastifySession<object> })[INNERMOST].reply
}

function headerOf(req: IncomingMessage): RequestHeader {
  return (name) => req.headers[name]
}
