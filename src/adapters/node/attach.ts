import type { IncomingMessage, ServerResponse } from 'node:http'
import { MisuseError } from '../../errors.ts'
import { foreignSession, reachedTooLate, refuseSameCookie } from '../request/mistakes.ts'
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
  const { sessions, property } = mount
  const { as, slot, session: shown, id } = property
  const slots = req as unknown as Slots
  const there = slots[slot]
  if (there?.isOf(sessions)) return there as unknown as NodeRequestSession<Data>
  if (there === undefined && req[as as keyof IncomingMessage] !== undefined) throw foreignSession(property)
  const head = headOf(res)
  if (head !== undefined) {
    for (const other of (head.host as NodeSession<object>).together)
      refuseSameCookie(sessions, other, property)
  } else if (there !== undefined) refuseSameCookie(sessions, there, property)
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
  if (res.headersSent) throw reachedTooLate()
}

/**
 * Whether it is a response, and not what stands in for one at an upgrade: `{}`, the connection, or what engine.io makes, which
 * has methods of a response, and waits for nothing that they do.
 */
export function isResponse(res: unknown): res is ServerResponse {
  const { writeHead, on, headersSent } = (res ?? {}) as Partial<ServerResponse>
  return typeof writeHead === 'function' && typeof on === 'function' && headersSent !== undefined
}
