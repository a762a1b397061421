import type { SessionStore } from '../../contract/store.ts'
import { attempt, isPromise, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError, statusOf } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { letGo } from '../fetch/answer.ts'
import type { FetchRequest } from '../fetch/host.ts'
import { FetchMount, type FetchSessionsOptions } from '../fetch/mount.ts'
import type { CommittingHost } from '../request/committed-session.ts'
import { foreignSession, refuseSameCookie, uncalled } from '../request/mistakes.ts'
import { OF_THE_BODY } from '../request/of-the-body.ts'
import { openedWhenAsked, type PlainSession } from '../request/plain-session.ts'
import { type SessionName, sessionName } from '../request/session-name.ts'
import { refuseOther } from '../request/sessions-of.ts'
import { aroundAll } from './around.ts'
import { type Shown, shownOn, shownOutermost } from './shown.ts'

/** The options of `createSessions`, or `{ sessions }`; and what this host has besides. */
export type ElysiaSessionsOptions<
  Data extends object = AnyData,
  As extends string = 'session',
> = FetchSessionsOptions<Data> & {
  /**
   * The property of the context that is the session. Default: `'session'`. For a second session in one request, say of a customer
   * and of an administrator: `sessions<Admin, 'admin'>({ as: 'admin', cookie: { name: 'admin' } })` gives `({ admin }) => ...`.
   *
   * Over one store, too, an id of one is unknown to the other, so that nobody is an administrator by the id of a customer: the
   * name is the option `app` where that is not set. Of `{ sessions }` it is for who made them to set that.
   */
  as?: As
}

/** What the context of a handler has of a session. */
export type WithSession<Data extends object = AnyData, As extends string = 'session'> = {
  /** Values as plain properties, and the methods beside them. Opened when it is first used. */
  readonly [Name in As]: PlainSession<Data>
}

/** What a plugin of `sessions()` has besides. */
export interface ElysiaMount<Data extends object = AnyData> {
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** A plugin, by its shape. What applications see of it, types/elysia.d.ts says in Elysia's own types. */
export interface ElysiaSessions<Data extends object = AnyData> extends ElysiaMount<Data> {
  <App>(app: App): App
}

/** What is asked of an application. */
interface ElysiaApp {
  readonly decorator: object
  wrap(around: typeof aroundAll): unknown
  derive(hook: (context: Context) => unknown): unknown
  onAfterHandle(hook: (context: Context) => unknown): unknown
}

interface Context {
  readonly request: FetchRequest
  /** What the handler has answered. */
  readonly responseValue?: unknown
  readonly set: { status?: number | string; headers: Record<string, unknown> }
}

/** `defaultStore`: where the options name none. */
export function elysiaSessions<Data extends object>(
  options: ElysiaSessionsOptions<Data, string>,
  defaultStore: () => SessionStore,
): ElysiaSessions<Data> {
  refuseApp(options)
  const { as: given, ...source } = options
  const name = sessionName('', given)
  const { as } = name
  const mount = new FetchMount<Data>(source, defaultStore, host, name)

  const plugin = <App>(app: App): App => {
    const elysia = asElysia(app, name)
    elysia.wrap(aroundAll)
    // Elysia reads the text of what it calls. What is handed the whole context may use all of it, so that it would parse query,
    // headers and cookies of each request; and what is not `async` may be no promise.
    elysia.derive(async ({ request }) => {
      const shown = await show(mount, request, name)
      return { [as]: shown.plain }
    })
    elysia.onAfterHandle(async ({ request, set, responseValue }) => {
      await commitAll(request, set, responseValue)
    })
    return app
  }
  return Object.assign(plugin, { sessions: mount.sessions, close: mount.close })
}

function host(usual: CommittingHost<FetchRequest>): CommittingHost<FetchRequest> {
  return {
    ...usual,
    // The answer to an upgrade has no cookies, whatever they were added to.
    clientIsGone: (request) =>
      usual.clientIsGone(request) || request.headers.get('upgrade')?.toLowerCase() === 'websocket',
  }
}

/** Opens a session where a store answers later, and gives it to the request; or finds the one that is there of the same sessions. */
function show<Data extends object>(
  mount: FetchMount<Data>,
  request: FetchRequest,
  name: SessionName,
): MaybePromise<Shown> {
  const all = shownOn(request)
  if (all === undefined) throw new MisuseError(NOBODY_AROUND)
  const { as } = name
  const there = all.find((shown) => shown.as === as && shown.session.isOf(mount.sessions))
  if (there !== undefined) return there
  for (const { session } of all) refuseSameCookie(mount.sessions, session, name)
  const session = mount.toAnswer(request)
  const plain = openedWhenAsked<Data>(() => session.methods)
  const shown = { as, session, plain, failed: false } as unknown as Shown
  // Within a handler of another host that has the same sessions: that one's answer leaves, and it commits.
  if (session.hold()) all.push(shown)
  const preparing = session.prepare()
  return isPromise(preparing) ? preparing.then(() => shown) : shown
}

/** A first time, where what can't be saved is still an error of the handler's for Elysia: hooks after this one may change it again. */
async function commitAll(request: FetchRequest, set: Context['set'], answer: unknown): Promise<void> {
  for (const shown of shownOutermost(request)) {
    await attempt(
      () => shown.session.commitAnswer(),
      (error) => {
        shown.failed = true
        letGo(answer)
        set.status = statusOf(error)
        for (const name of OF_THE_BODY) delete set.headers[name]
        throw error
      },
    )
    shown.session.headStays()
  }
}

const NOBODY_AROUND =
  'This application does not call what `sessions()` has put around it with `wrap`, so no cookie would be sent. Leave out its option ' +
  '`aot: false`, with which Elysia does not.'

function refuseApp(given: unknown): void {
  refuseOther(given)
  if (typeof (given as Partial<ElysiaApp> | undefined)?.derive !== 'function') return
  throw uncalled('an application', '`.use(sessions())`')
}

function asElysia(app: unknown, name: SessionName): ElysiaApp {
  const elysia = (app ?? {}) as Partial<ElysiaApp>
  const methods = [elysia.wrap, elysia.derive, elysia.onAfterHandle]
  if (!methods.every((method) => typeof method === 'function')) {
    throw new MisuseError('What `sessions()` returns is a plugin of Elysia: `new Elysia().use(sessions())`.')
  }
  // By `decorate`.
  if (name.as in (elysia.decorator ?? {})) throw foreignSession(name)
  return elysia as ElysiaApp
}
