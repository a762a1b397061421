import type { SessionStore } from '../../contract/store.ts'
import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError, statusOf } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { letGo } from '../fetch/answer.ts'
import {
  keepOn,
  refuseSameCookie,
  sessionOn,
  sessionsOn,
  shownAs,
  shownName,
} from '../node/framework-property.ts'
import { FrameworkSession } from '../node/framework-session.ts'
import { addToHead, clearAnswer } from '../node/response/headers.ts'
import {
  closing,
  cookieFollowsRequest,
  refuseOther,
  type SessionsSource,
  sessionsOf,
} from '../request/sessions-of.ts'
import { type KoaContext, koaHost } from './host.ts'

/** What `sessions()` of `untorn/koa` returns: a middleware. */
export interface KoaSessions<Data extends object = AnyData> {
  (ctx: object, next: () => Promise<unknown>): Promise<void>
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** The options of `createSessions`, or `{ sessions }`; and what this host has besides. */
export type KoaSessionsOptions<Data extends object = AnyData> = SessionsSource<Data> & {
  /**
   * The property of the context that shows the session. Default: `'session'`. For a second session in one request, say of
   * a customer and of an administrator: `sessions({ as: 'admin', cookie: { name: 'admin' } })` gives `ctx.admin`, which
   * `sessionOf<Admin>(ctx, 'admin')` gives with a type.
   *
   * Over one store, too, an id of one is unknown to the other, so that nobody is an administrator by the id of a customer: the
   * name is the option `app` where that is not set. Of `{ sessions }` it is for who made them to set that.
   */
  as?: string
}

/** `defaultStore`: where the options name none. */
export function koaSessions<Data extends object>(
  options: KoaSessionsOptions<Data>,
  defaultStore: () => SessionStore,
): KoaSessions<Data> {
  refuseUncalled(options)
  refuseOther(options)
  const { as, ...rest } = options
  const source = rest as unknown as SessionsSource<Data>
  const { as: name, own, slot } = shownName(as)
  const served = sessionsOf<Data>(source, defaultStore, own)
  const host = koaHost(cookieFollowsRequest(source))
  const { getter, setter } = shownAs(name, 'ctx')
  // Not enumerable: whoever copies or logs a context does not mean to open its session.
  const shown: PropertyDescriptor = { get: getter, set: setter, configurable: true }

  const middleware = async (given: object, next: () => Promise<unknown>): Promise<void> => {
    const ctx = given as KoaContext
    // An application that is mounted in another one may have the same sessions.
    if (sessionOn(ctx, served) !== undefined) return void (await next())
    refuseMisuse(ctx, name, slot)
    refuseSameCookie(served, sessionsOn(ctx), 'mounted')
    const session = keepOn(ctx, slot, new FrameworkSession<Data, KoaContext>(served, host, ctx))
    Object.defineProperty(ctx, name, shown)
    const ready = session.prepare()
    if (isPromise(ready)) await ready
    try {
      await next()
    } catch (error) {
      await commitBeside(ctx, session)
      throw error
    }
    await commitTo(ctx, session)
  }
  return Object.assign(middleware, { sessions: served, close: () => closing(served) })
}

type Committed = FrameworkSession<object, KoaContext>

async function commitTo(ctx: KoaContext, session: Committed): Promise<void> {
  const { res } = ctx
  try {
    const committed = session.commitAnswer()
    const adds = isPromise(committed) ? await committed : committed
    if (adds) addToHead(res, session)
  } catch (error) {
    // Whoever catches it further out answers in the handler's place, and has its cookie all the same.
    if (!res.headersSent) {
      letGo(ctx.body)
      ctx.body = null
      clearAnswer(res)
      ctx.status = statusOf(error)
      addToHead(res, session)
    }
    throw error
  }
}

/** The handler has thrown. That is what is thrown on, whatever becomes of the session. */
async function commitBeside(ctx: KoaContext, session: Committed): Promise<void> {
  try {
    await commitTo(ctx, session)
  } catch (error) {
    session.unheard(error)
  }
}

function refuseMisuse(ctx: KoaContext, as: string, slot: symbol): void {
  if (ctx.res.headersSent) {
    throw new MisuseError(
      "sessions() was reached after the response's head had left, so no session could be saved. Mount it in front of " +
        'what answers.',
    )
  }
  if (slot in ctx || !(as in ctx)) return
  throw new MisuseError(
    `\`ctx.${as}\` is there already, from another library or of Koa itself. Take that library away; or, to keep both, give ` +
      "this one another name, `sessions({ as: 'name', cookie: { name: 'name' } })`, and use `ctx.name`.",
  )
}

function refuseUncalled(given: object): void {
  if (typeof (given as Partial<KoaContext>).onerror !== 'function') return
  throw new MisuseError(
    '`sessions` was mounted without being called, and was given a context. Write `app.use(sessions())`.',
  )
}
