import type { IncomingMessage, ServerResponse } from 'node:http'
import { MisuseError } from '../../errors.ts'
import type { RequestSession } from '../request/request-session.ts'
import { type Mount, NodeSession, UpgradeSession } from './node-session.ts'
import type { OnRequest, Slots } from './property.ts'
import { headOf } from './response/head.ts'

type NodeRequestSession<Data extends object> = RequestSession<Data, IncomingMessage>

/**
 * Gives a request its session, or finds the one that it has of the same sessions already. Throws {@link MisuseError} where
 * that can't work.
 */
export function attachSession<Data extends object>(
  mount: Mount<Data>,
  req: IncomingMessage,
  res: ServerResponse,
  answerError: (error: unknown) => void,
): NodeRequestSession<Data> {
  refuseMisuse(res)
  const { as, slot, session: shown, id } = mount.property
  const slots = req as unknown as Slots
  const there = slots[slot]
  if (there === undefined) refuseForeign(req, as)
  else if (there.isOf(mount.sessions)) return there as unknown as NodeRequestSession<Data>
  const head = headOf(res)
  if (head !== undefined) refuseSameCookie(mount, (head.host as NodeSession<object>).together)
  else if (there !== undefined) refuseSameCookie(mount, [there])
  const session = isResponse(res)
    ? new NodeSession(mount, req, res, answerError, head)
    : new UpgradeSession(mount, req)
  slots[slot] = session as unknown as OnRequest
  Object.defineProperty(req, as, shown)
  if (id !== undefined) Object.defineProperty(req, 'sessionID', id)
  return session
}

function refuseMisuse(res: ServerResponse): void {
  if (typeof res !== 'object' || res === null) {
    throw new MisuseError(
      'sessions() was given a request without its response. Pass it on as the second argument; at an upgrade, which ' +
        'has none, `{}`.',
    )
  }
  if (res.headersSent) {
    throw new MisuseError(
      "sessions() was reached after the response's head had left, so no session could be saved. Mount it in front of " +
        'what answers.',
    )
  }
}

function refuseForeign(req: IncomingMessage, as: string): void {
  if ((req as unknown as Record<string, unknown>)[as] === undefined) return
  throw new MisuseError(
    `\`req.${as}\` is there already, from another library. Take that one away; or, to keep both, give this one another ` +
      "name, `sessions({ as: 'name', cookie: { name: 'name' } })`, and use `req.name`.",
  )
}

function refuseSameCookie<Data extends object>(
  { sessions, property: { as } }: Mount<Data>,
  others: readonly OnRequest[],
): void {
  const { name, path } = sessions.cookie
  if (!others.some(({ cookie }) => cookie.name === name && cookie.path === path)) return
  throw new MisuseError(
    `sessions() is mounted twice on this request, each time for the cookie "${name}" of the path ${path}. For one ` +
      'session make `const shared = createSessions(...)`, and mount `sessions({ sessions: shared })` in both places. For ' +
      `two give one of them a cookie of its own, \`cookie: { name: ... }\`, and \`as\` if both are to be at hand: ` +
      `below its mount the inner one is \`req.${as}\`.`,
  )
}

/**
 * Whether it is a response, and not what stands in for one at an upgrade: `{}`, the connection, or what engine.io makes, which
 * has methods of a response, and waits for nothing that they do.
 */
export function isResponse(res: unknown): res is ServerResponse {
  const { writeHead, on, headersSent } = (res ?? {}) as Partial<ServerResponse>
  return typeof writeHead === 'function' && typeof on === 'function' && headersSent !== undefined
}
