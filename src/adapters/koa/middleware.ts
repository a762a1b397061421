import type { SessionStore } from '../../contract/store.ts'
import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { statusOf } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { letGo } from '../fetch/answer.ts'
import { keepShown, type ShownName, shownBy, shownName } from '../node/framework-property.ts'
import { FrameworkSession } from '../node/framework-session.ts'
import { addToHead, clearAnswer } from '../node/response/headers.ts'
import { foreignSession, reachedTooLate, refuseSameCookie, uncalled } from '../request/mistakes.ts'
import { mountOf, refuseOther, type SessionsSource } from '../request/sessions-of.ts'
import { innermostOn, sessionOn } from '../request/sessions-on.ts'
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
  const { as, ...source } = options
  const name = shownName('ctx', as)
  const { cookieFollows, ...mount } = mountOf<Data>(source, defaultStore, name)
  const host = koaHost(cookieFollows)
  const { getter, setter } = shownBy(name)
  // Not enumerable: whoever copies or logs a context does not mean to open its session.
  const shown: PropertyDescriptor = { get: getter, set: setter, configurable: true }

  const middleware = async (given: object, next: () => Promise<unknown>): Promise<void> => {
    const ctx = given as KoaContext
    // An application that is mounted in another one may have the same sessions.
    if (sessionOn(ctx, mount.sessions) !== undefined) return void (await next())
    refuseMisuse(ctx, mount.sessions, name)
    const session = keepShown(
      ctx,
      name.slot,
      new FrameworkSession<Data, KoaContext>(mount.sessions, host, ctx),
    )
    Object.defineProperty(ctx, name.as, shown)
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
  return Object.assign(middleware, mount)
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

function refuseMisuse(ctx: KoaContext, sessions: Pick<Sessions, 'cookie'>, name: ShownName): void {
  if (ctx.res.headersSent) throw reachedTooLate()
  if (!(name.slot in ctx) && name.as in ctx) throw foreignSession(name)
  for (let other = innermostOn(ctx); other !== undefined; other = other.outer) {
    refuseSameCookie(sessions, other, name)
  }
}

function refuseUncalled(given: object): void {
  if (typeof (given as Partial<KoaContext>).onerror !== 'function') return
  throw uncalled('a context', '`app.use(sessions())`')
}
