import type { SessionStore } from '../../contract/store.ts'
import { after, attempt, isPromise, type MaybePromise } from '../../contract/wait.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { committedTo } from '../fetch/answer.ts'
import { alsoOnNode, type FetchRequest } from '../fetch/host.ts'
import { FetchMount, type FetchSessionsOptions } from '../fetch/mount.ts'
import type { CommittedSession } from '../request/committed-session.ts'
import { foreignSession, refuseSameCookie, uncalled } from '../request/mistakes.ts'
import { openedWhenAsked, type PlainSession } from '../request/plain-session.ts'
import { type SessionName, sessionName } from '../request/session-name.ts'
import { refuseOther } from '../request/sessions-of.ts'
import {
  addAsAnswerLeaves,
  giveUpAnswer,
  type HonoContext,
  notedOutgoing,
  noteOutgoing,
  replaceAnswer,
} from './context.ts'

/** The variables of Hono's context that `sessions()` sets: `new Hono<{ Variables: SessionVariables<Data> }>()`. */
export type SessionVariables<Data extends object = AnyData, As extends string = 'session'> = {
  /** Values as plain properties, and the methods beside them. Opened when it is first used. */
  [Name in As]: PlainSession<Data>
}

/** The options of `createSessions`, or `{ sessions }`; and what this host has besides. */
export type HonoSessionsOptions<
  Data extends object = AnyData,
  As extends string = 'session',
> = FetchSessionsOptions<Data> & {
  /**
   * The variable that is the session. Default: `'session'`. For a second session in one request, say of a customer and of an
   * administrator: `sessions<Admin, 'admin'>({ as: 'admin', cookie: { name: 'admin' } })` gives `c.var.admin`.
   *
   * Over one store, too, an id of one is unknown to the other, so that nobody is an administrator by the id of a customer: the
   * name is the option `app` where that is not set. Of `{ sessions }` it is for who made them to set that.
   */
  as?: As
}

/** What a middleware of `sessions()` has besides. */
export interface HonoMount<Data extends object = AnyData> {
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** A middleware, by its shape. What applications see of it, types/hono.d.ts says in Hono's own types. */
export interface HonoSessions<Data extends object = AnyData> extends HonoMount<Data> {
  (c: HonoContext, next: () => Promise<void>): Promise<void>
}

/** A session of a request, and the variable that shows it. */
interface Shown {
  readonly as: string
  readonly session: CommittedSession<object, FetchRequest>
}

/** The variable with all sessions of a request. Of every copy of this code: each finds what another one did (across-copies.ts). */
const ALL = Symbol.for('untorn.hono')

/** `defaultStore`: where the options name none. */
export function honoSessions<Data extends object>(
  options: HonoSessionsOptions<Data, string>,
  defaultStore: () => SessionStore,
): HonoSessions<Data> {
  refuseContext(options)
  const { as: given, ...source } = options
  const name = sessionName('c.var', given)
  const { as } = name
  const mount = new FetchMount<Data>(source, defaultStore, (usual) => alsoOnNode(usual, notedOutgoing), name)

  const middleware = (c: HonoContext, next: () => Promise<void>): Promise<void> => {
    const all: readonly Shown[] = c.get(ALL) ?? []
    const there = all.find((shown) => shown.as === as)
    // It is committed where it was mounted first.
    if (there?.session.isOf(mount.sessions)) return next()
    refuseMisuse(c, mount.sessions, name, all)
    noteOutgoing(c)
    return served(c, next, mount.toAnswer(c.req.raw), as, all)
  }
  return Object.assign(middleware, { sessions: mount.sessions, close: mount.close })
}

async function served<Data extends object>(
  c: HonoContext,
  next: () => Promise<void>,
  session: CommittedSession<Data, FetchRequest>,
  as: string,
  all: readonly Shown[],
): Promise<void> {
  // An application within a handler of another one, `inner.fetch(c.req.raw)`, has its session, and leaves the commit to it.
  const outermost = session.hold()
  try {
    const preparing = session.prepare()
    if (isPromise(preparing)) await preparing
    const outer = c.get(as)
    const shown = { as, session } as unknown as Shown
    c.set(ALL, [shown, ...all])
    c.set(
      as,
      openedWhenAsked<Data>(() => session.methods),
    )
    try {
      await next()
    } catch (error) {
      // Nobody has answered it here, and whoever does further out may add no cookie.
      if (outermost) await session.commitUnanswered()
      throw error
    }
    // A middleware in front may still want to know whose request it was; one with a session of its own wants that.
    if (outer !== undefined) c.set(as, outer)
    if (!outermost) return
    const committing = committed(c, session)
    if (isPromise(committing)) await committing
  } finally {
    if (outermost) over(session)
  }
}

/** An error that was thrown has its answer by now, as any other request has. */
function committed<Data extends object>(
  c: HonoContext,
  session: CommittedSession<Data, FetchRequest>,
): MaybePromise<void> {
  const before = c.res
  return attempt(
    () =>
      after(committedTo(session, before), (answer) => {
        if (answer !== before) replaceAnswer(c, answer)
      }),
    (error) => {
      session.addTo(giveUpAnswer(c))
      throw error
    },
  )
}

function over<Data extends object>(session: CommittedSession<Data, FetchRequest>): void {
  session.release()
  // Of the request that was opened: a handler, or what stands between, may have put another one in its place.
  const outgoing = session.addsForOne ? notedOutgoing(session.request) : undefined
  if (outgoing !== undefined) addAsAnswerLeaves(outgoing, session)
}

function refuseContext(given: unknown): void {
  refuseOther(given)
  const { req, set } = (given ?? {}) as Partial<HonoContext>
  if (req !== undefined && typeof set === 'function') throw uncalled('a context', '`app.use(sessions())`')
}

function refuseMisuse(
  c: HonoContext,
  sessions: Pick<Sessions, 'cookie'>,
  name: SessionName,
  all: readonly Shown[],
): void {
  if (!all.some(({ as }) => as === name.as) && c.get(name.as) !== undefined) throw foreignSession(name)
  for (const { session } of all) refuseSameCookie(sessions, session, name)
}
