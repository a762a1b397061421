import type { IncomingMessage, ServerResponse } from 'node:http'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { Framework } from '../request/host.ts'
import type { RequestSession } from '../request/request-session.ts'
import { NodeSession, UpgradeSession } from './node-session.ts'

// Of every copy of this code (across-copies.ts): each finds on a request what another one did to it.
const SESSION = Symbol.for('untorn.request')
type NodeRequestSession<Data extends object> = RequestSession<Data, IncomingMessage>
type Attached = IncomingMessage & { [SESSION]: NodeRequestSession<object> }

/** Gives a request its session. Throws {@link MisuseError} where that can't work. */
export function attachSession<Data extends object>(
  sessions: Sessions<Data>,
  framework: Framework<IncomingMessage>,
  req: IncomingMessage,
  res: ServerResponse,
  answerError: (error: unknown) => void,
): NodeRequestSession<Data> {
  refuseMisuse(req, res)
  const session = isResponse(res)
    ? new NodeSession(sessions, framework, req, res, answerError)
    : new UpgradeSession(sessions, framework, req)
  ;(req as Attached)[SESSION] = session as unknown as NodeRequestSession<object>
  Object.defineProperty(req, 'session', SESSION_PROPERTY)
  Object.defineProperty(req, 'sessionID', ID_PROPERTY)
  return session
}

function refuseMisuse(req: IncomingMessage, res: ServerResponse): void {
  if (typeof res !== 'object' || res === null) {
    throw new MisuseError(
      'sessions() was given a request without its response. Pass it on as the second argument; at an upgrade, which ' +
        'has none, `{}`.',
    )
  }
  if (SESSION in req) {
    throw new MisuseError(
      'sessions() is mounted twice on this request. Mount it once, in front of everything that uses `req.session`.',
    )
  }
  if (res.headersSent) {
    throw new MisuseError(
      "sessions() was reached after the response's head had left, so no session could be saved. Mount it in front of " +
        'what answers.',
    )
  }
  if ((req as { session?: unknown }).session !== undefined) {
    throw new MisuseError('`req.session` is there already, from another library. Use one of the two.')
  }
}

const refuseAssignment = () => {
  throw new MisuseError(
    "`req.session` can't be assigned. To end the session call `req.session.destroy()`, to empty it " +
      '`req.session.clear()`.',
  )
}

// Not enumerable: whoever copies or logs a request does not mean to open its session.
const SESSION_PROPERTY: PropertyDescriptor = {
  get(this: Attached) {
    return this[SESSION].plain
  },
  set: refuseAssignment,
  configurable: true,
}

const ID_PROPERTY: PropertyDescriptor = {
  get(this: Attached) {
    return this[SESSION].plain.id
  },
  set: refuseAssignment,
  configurable: true,
}

/** Whether it is a response, and not what stands in for one at an upgrade: `{}`, or the connection. */
export function isResponse(res: unknown): res is ServerResponse {
  const { writeHead, on } = (res ?? {}) as Partial<ServerResponse>
  return typeof writeHead === 'function' && typeof on === 'function'
}
