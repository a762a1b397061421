import type { IncomingMessage, ServerResponse } from 'node:http'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { ResponseHeaders } from '../request/head-additions.ts'
import type { PlainSession } from '../request/plain-session.ts'
import type { RequestSession } from '../request/request-session.ts'

/** What an event of either major has. */
export interface AnyEvent {
  readonly context: object
}

/** An event of h3 1, which stands on a request and a response of Node.js, or on what is made like them. */
export interface NodeEvent extends AnyEvent {
  readonly node: { readonly req: IncomingMessage; readonly res: ServerResponse }
}

/** An event of h3 2. */
export interface FetchEvent extends AnyEvent {
  readonly req: Request
  /** What h3 adds to the head of what a handler answers; `errHeaders`: to that of an error. */
  readonly res: { readonly headers: ResponseHeaders; readonly errHeaders: ResponseHeaders }
  readonly runtime?: { readonly node?: { readonly res?: ServerResponse | undefined } } | undefined
}

/** The session that an event shows, whatever its values are. */
export type OnEvent = RequestSession<object, never>

/** Of every copy of this code (across-copies.ts): each finds what another one did to an event. */
const SLOT = Symbol.for('untorn.h3')

type Slots = { [SLOT]?: OnEvent }

/** What `h3` hands over is one of its events, and of which major. */
export function eventKind(event: unknown): 'node' | 'fetch' {
  const { context, req, node } = (event ?? {}) as Partial<FetchEvent & NodeEvent>
  if (typeof context === 'object' && context !== null) {
    if (typeof req?.headers?.get === 'function') return 'fetch'
    if (node?.req !== undefined && node.res !== undefined) return 'node'
  }
  throw new MisuseError(
    'What `sessions()` of untorn/h3 returns was called with something else than an event of h3. Write `app.use(sessions())`; in ' +
      'a plugin of Nitro `export default sessions().install`.',
  )
}

/** The session that an event has already. */
export function shownOn({ context }: AnyEvent): OnEvent | undefined {
  return (context as Slots)[SLOT]
}

/** Shows a session as `event.context.session`, in the place of one of other sessions that it had. */
export function showOn({ context }: AnyEvent, session: OnEvent): void {
  const slots = context as Slots & { session?: unknown }
  if (slots[SLOT] === undefined && slots.session !== undefined) {
    throw new MisuseError(
      '`event.context.session` is there already, from another library. Take that one away: an event has one session.',
    )
  }
  slots[SLOT] = session
  Object.defineProperty(context, 'session', SHOWN)
}

/** Two that read one cookie would take each other's sessions for unknown ones. */
export function refuseSameCookie<Data extends object>({ cookie }: Sessions<Data>, other: OnEvent): void {
  const { name, path } = other.cookie
  if (name !== cookie.name || path !== cookie.path) return
  throw new MisuseError(
    `sessions() is mounted twice on this event, each time for the cookie "${name}" of the path ${path}. For one session make ` +
      '`const shared = createSessions(...)`, and mount `sessions({ sessions: shared })` in both places. For two give one of ' +
      'them a cookie of its own, `cookie: { name: ... }`: below its mount the inner one is `event.context.session`.',
  )
}

/** Not enumerable: whoever copies or logs a context does not mean to open its session. */
const SHOWN: PropertyDescriptor = {
  get(this: Slots) {
    return this[SLOT]!.plain
  },
  set() {
    throw new MisuseError(
      "`event.context.session` can't be assigned. To end the session call `event.context.session.destroy()`, to empty it " +
        '`event.context.session.clear()`.',
    )
  },
  configurable: true,
}

/**
 * The session of an event, with the type that its values have: `sessionOf<{ views: number }>(event).views`. It is what
 * `event.context.session` is.
 *
 * Throws `MisuseError` (`UNTORN_MISUSE`) where `sessions()` has not seen the event.
 */
export function sessionOf<Data extends object>(event: AnyEvent): PlainSession<Data> {
  const session = shownOn(event)
  if (session === undefined) {
    throw new MisuseError(
      'This event has no session. Write `app.use(sessions())` in front of what asks for it, and give the event that it has seen.',
    )
  }
  return session.plain as unknown as PlainSession<Data>
}
