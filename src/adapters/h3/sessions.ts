import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import { asBoolean } from '../../options/checks.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { nodeHttp } from '../node/middleware.ts'
import { sessionProperty } from '../node/property.ts'
import { mountOf, refuseOther, type SessionsSource } from '../request/sessions-of.ts'
import { type AnyEvent, type FetchEvent, kindOf, type NodeEvent } from './event.ts'
import { fetchEvents, serveEvent } from './fetch-event.ts'
import { attachEvent, installIn, type NodeApp } from './node-event.ts'

/** The options of `createSessions`, or `{ sessions }`; and what h3 has besides. */
export type H3SessionsOptions<Data extends object = AnyData> = SessionsSource<Data> & {
  /**
   * Whether the first value of `X-Forwarded-Proto` says if a request came over https. Default: `false`. Set it where a proxy of
   * yours stands before this server and sets that header itself: from anybody else it is a claim.
   */
  trustProxy?: boolean
}

/** What `sessions()` of `untorn/h3` returns: a middleware of h3 2, and an event handler of h3 1. */
export interface H3Sessions<Data extends object = AnyData> {
  // biome-ignore lint/suspicious/noExplicitAny: what a handler of h3 answers is any, and so is what this one passes on
  (event: AnyEvent, next?: () => unknown): any
  /** h3 1 asks for it. */
  readonly __is_handler__: true
  /**
   * For h3 1, and Nitro 2 which stands on it: gives each event of an application its session, ahead of every handler, and has its
   * `onError` answer what could not be saved. In Nitro it is the whole of a plugin: `export default sessions().install`, in
   * `server/plugins/session.ts`. Takes the application of h3, or who has it as `h3App`. Throws `MisuseError` (`UNTORN_MISUSE`) for
   * anything else.
   */
  install(app: NodeApp | { readonly h3App: NodeApp }): void
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** `defaultStore`: where the options name none. */
export function h3Sessions<Data extends object>(
  options: H3SessionsOptions<Data>,
  defaultStore: () => SessionStore,
): H3Sessions<Data> {
  refuseOther(options)
  const { trustProxy = false, ...source } = options
  const trusts = asBoolean('trustProxy', trustProxy)
  const { cookieFollows, ...mounted } = mountOf<Data>(source, defaultStore)
  const { sessions } = mounted
  const mount = {
    sessions,
    framework: nodeHttp(trusts, cookieFollows),
    property: sessionProperty(undefined),
  }
  const host = fetchEvents(trusts, cookieFollows)

  const middleware = (event: AnyEvent, next?: () => unknown): unknown => {
    if (kindOf(event) === 'node') return attachEvent(mount, event as NodeEvent)
    if (typeof next === 'function') return serveEvent(sessions, host, event as FetchEvent, next)
    throw new MisuseError(
      'What `sessions()` of untorn/h3 returns was used as a handler of a route. It is a middleware: `app.use(sessions())`.',
    )
  }
  return Object.assign(middleware, {
    __is_handler__: true as const,
    install: (app: NodeApp | { readonly h3App: NodeApp }) => installIn(mount, appOf(app)),
    ...mounted,
  })
}

function appOf(given: unknown): NodeApp {
  const { h3App = given } = (given ?? {}) as { h3App?: unknown }
  const { options, stack } = (h3App ?? {}) as Partial<NodeApp>
  if (typeof options === 'object' && Array.isArray(stack)) return h3App as NodeApp
  throw new MisuseError(
    '`install` takes an application of h3 1, what `createApp()` returns, or a plugin of Nitro 2. In h3 2 and Nitro 3 write ' +
      '`app.use(sessions())`.',
  )
}
