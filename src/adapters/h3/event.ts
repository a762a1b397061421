import type { IncomingMessage, ServerResponse } from 'node:http'
import { MisuseError } from '../../errors.ts'
import type { ResponseHeaders } from '../request/head-additions.ts'
import type { PlainSession } from '../request/plain-session.ts'
import { Shown } from '../request/shown.ts'

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
  /** The request's, which h3 has taken apart already. */
  readonly url: { readonly protocol: string }
  /** What h3 adds to the head of what a handler answers; `errHeaders`: to that of an error. */
  readonly res: { readonly headers: ResponseHeaders; readonly errHeaders: ResponseHeaders }
  readonly runtime?: { readonly node?: { readonly res?: ServerResponse | undefined } } | undefined
}

export const onContext = new Shown('event.context.session', isKept)

/** Why a handler has no session whose answer is kept. */
export function refusalInCached(): MisuseError {
  return new MisuseError(
    '`event.context.session` was asked for in a handler whose answer is kept for everybody (`defineCachedEventHandler`, ' +
      '`defineCachedHandler`, or `swr`, `isr` or `cache` of `routeRules`). Take the rule away, or have what is of one visitor asked for by ' +
      'a request of its own.',
  )
}

/** The context of an event of Nitro 2, which has a handler answer that is kept on that of the request that happens to be the first. */
interface NitroContext {
  readonly cache?: { readonly options?: { readonly getKey?: unknown; readonly varies?: readonly string[] } }
}

/** The answer is kept, one for each cookie. Throws {@link MisuseError} where it is one for everybody. */
export function isKept(context: NitroContext): boolean {
  if (isCached(context)) throw refusalInCached()
  return context.cache?.options?.getKey !== undefined
}

/** The answer is kept for everybody. */
export function isCached({ cache }: NitroContext): boolean {
  const { getKey, varies = [] } = cache?.options ?? {}
  return getKey !== undefined && !varies.some((header) => header.toLowerCase() === 'cookie')
}

/** Of which major an event is. Throws {@link MisuseError} for what is none. */
export function kindOf(event: unknown): 'node' | 'fetch' {
  const { context, req, node } = (event ?? {}) as Partial<FetchEvent & NodeEvent>
  if (typeof context === 'object' && context !== null) {
    if (typeof req?.headers?.get === 'function') return 'fetch'
    if (node?.req !== undefined && node.res !== undefined) return 'node'
  }
  throw new MisuseError(
    'What `sessions()` of untorn/h3 returns was called with something else than an event of h3. Write `app.use(sessions())`; in ' +
      'a plugin of Nitro 2 `export default sessions().install`.',
  )
}

/**
 * The session of an event, with the type that its values have: `sessionOf<{ views: number }>(event).views`. It is what
 * `event.context.session` is.
 *
 * Throws `MisuseError` (`UNTORN_MISUSE`) where `sessions()` has not seen the event.
 */
export function sessionOf<Data extends object>(event: AnyEvent): PlainSession<Data> {
  return onContext.of<Data>(event?.context, '`app.use(sessions())`')
}
