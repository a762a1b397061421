import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { type ShownName, shownBy, shownName } from '../node/framework-property.ts'
import { foreignSession, refuseSameCookie, uncalled } from '../request/mistakes.ts'
import { mountOf, refuseOther, type SessionsSource } from '../request/sessions-of.ts'
import { INNERMOST } from '../request/sessions-on.ts'
import { type Hooks, hooksOf } from './hooks.ts'
import type { FastifyApp } from './host.ts'

/** What `sessions()` of `untorn/fastify` returns: a plugin, `app.register(sessions())`. */
export interface FastifySessions<Data extends object = AnyData> {
  (app: object, options: object): Promise<void>
  readonly sessions: Sessions<Data>
  /**
   * Closes the store, so that the process can exit. `app.close()` does not, as others may use it; where nobody does:
   * `app.addHook('onClose', () => session.close())`.
   */
  close(): MaybePromise<void>
}

/** The options of `createSessions`, or `{ sessions }`; and what this host has besides. */
export type FastifySessionsOptions<Data extends object = AnyData> = SessionsSource<Data> & {
  /**
   * The property of the request that shows the session. Default: `'session'`. For a second session in one request, say of
   * a customer and of an administrator: `sessions({ as: 'admin', cookie: { name: 'admin' } })` gives `request.admin`, which
   * `sessionOf<Admin>(request, 'admin')` gives with a type.
   *
   * Over one store, too, an id of one is unknown to the other, so that nobody is an administrator by the id of a customer: the
   * name is the option `app` where that is not set. Of `{ sessions }` it is for who made them to set that.
   */
  as?: string
}

/** As `fastify-plugin` marks what is for the instance that registers it, and not for a scope of its own. */
const MARKS = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'untorn/fastify',
  [Symbol.for('plugin-meta')]: { name: 'untorn/fastify', fastify: '5.x' },
}

/** `defaultStore`: where the options name none. */
export function fastifySessions<Data extends object>(
  options: FastifySessionsOptions<Data>,
  defaultStore: () => SessionStore,
): FastifySessions<Data> {
  refuseUncalled(options)
  refuseOther(options)
  const { as, ...source } = options
  const name = shownName('request', as)
  const { cookieFollows, ...mounted } = mountOf<Data>(source, defaultStore, name)
  const hooks = hooksOf(mounted.sessions, name.slot, cookieFollows)
  const plugin = async (app: object, registered: object): Promise<void> => {
    refuseOptions(registered)
    mount(app as FastifyApp, mounted.sessions, name, hooks)
  }
  return Object.assign(plugin, MARKS, mounted)
}

/** What is mounted on an instance and on those that it is a scope of, whichever copy of this code did it. */
const MOUNTED = Symbol.for('untorn.fastify')

function mount<Data extends object>(
  app: FastifyApp,
  sessions: Sessions<Data>,
  name: ShownName,
  hooks: Hooks,
): void {
  const within = app as FastifyApp & { [MOUNTED]?: readonly Pick<Sessions, 'cookie'>[] }
  const mounted = within[MOUNTED] ?? []
  if (mounted.some((other) => Object.is(other, sessions))) return
  for (const other of mounted) refuseSameCookie(sessions, other, name)
  if (!app.hasRequestDecorator(name.slot)) {
    if (app.hasRequestDecorator(name.as)) throw foreignSession(name)
    // So that each request has its place for it from the start.
    app.decorateRequest(name.slot, null)
    app.decorateRequest(name.as, shownBy(name))
  }
  if (!app.hasRequestDecorator(INNERMOST)) app.decorateRequest(INNERMOST, null)
  within[MOUNTED] = [...mounted, sessions]
  for (const [name, hook] of Object.entries(hooks)) app.addHook(name, hook)
}

function refuseUncalled(given: object): void {
  if (typeof (given as Partial<FastifyApp>).decorateRequest !== 'function') return
  throw uncalled('the application', '`app.register(sessions())`')
}

/** Of Fastify itself; what is meant for sessions would do nothing. */
const OF_REGISTER = ['prefix', 'logLevel', 'logSerializers']

function refuseOptions(registered: object): void {
  const [other] = Object.keys(registered ?? {}).filter((name) => !OF_REGISTER.includes(name))
  if (other === undefined) return
  throw new MisuseError(
    `\`${other}\` was given to \`register\`. Options of sessions are given to \`sessions\`: \`app.register(sessions({ ${other}: ... }))\`.`,
  )
}
