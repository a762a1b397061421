import type { SessionStore } from '../../contract/store.ts'
import { after, attempt, isPromise, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import { asText } from '../../options/checks.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { committedTo } from '../fetch/answer.ts'
import type { FetchRequest } from '../fetch/host.ts'
import { FetchMount, type FetchSessionsOptions } from '../fetch/mount.ts'
import { isGone } from '../node/response/gone.ts'
import type { CommittedSession, CommittingHost } from '../request/committed-session.ts'
import { openedWhenAsked, type PlainSession } from '../request/plain-session.ts'
import { closing, refuseOther } from '../request/sessions-of.ts'
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
  const { as: given = 'session', ...rest } = options
  const as = asText('as', given)
  const own = as === 'session' ? undefined : as
  const mount = new FetchMount<Data>(rest as FetchSessionsOptions<Data>, defaultStore, onNode, own)

  const middleware = (c: HonoContext, next: () => Promise<void>): Promise<void> => {
    const all: readonly Shown[] = c.get(ALL) ?? []
    const there = all.find((shown) => shown.as === as)
    // It is committed where it was mounted first.
    if (there?.session.isOf(mount.sessions)) return next()
    refuseMisuse(c, mount.sessions.cookie, as, all)
    noteOutgoing(c)
    return served(c, next, mount.toAnswer(c.req.raw), as, all)
  }
  return Object.assign(middleware, { sessions: mount.sessions, close: () => closing(mount.sessions) })
}

/** Where a response of Node.js is at hand it says more of its client than a request of fetch does. */
function onNode(usual: CommittingHost<FetchRequest>): CommittingHost<FetchRequest> {
  return {
    ...usual,
    clientIsGone(request) {
      const outgoing = notedOutgoing(request)
      return outgoing === undefined ? usual.clientIsGone(request) : isGone(outgoing)
    },
    whenOver: (request, over) => void notedOutgoing(request)?.once('close', over),
  }
}

async function served<Data extends object>(
  c: HonoContext,
  next: () => Promise<void>,
  session: CommittedSession<Data, FetchRequest>,
  as: string,
  all: readonly Shown[],
): Promise<void> {
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
    await session.commitUnanswered()
    throw error
  }
  // A middleware in front may still want to know whose request it was; one with a session of its own wants that.
  if (outer !== undefined) c.set(as, outer)
  try {
    const committing = committed(c, session)
    if (isPromise(committing)) await committing
  } finally {
    // Of the request that was opened: a handler, or what stands between, may have put another one in its place.
    const outgoing = session.addsForOne ? notedOutgoing(session.request) : undefined
    if (outgoing !== undefined) addAsAnswerLeaves(outgoing, session)
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

function refuseContext(given: unknown): void {
  refuseOther(given)
  const { req, set } = (given ?? {}) as Partial<HonoContext>
  if (req === undefined || typeof set !== 'function') return
  throw new MisuseError(
    '`sessions` was passed on without being called, and was given a context. Write `app.use(sessions())`.',
  )
}

function refuseMisuse(c: HonoContext, cookie: Sessions['cookie'], as: string, all: readonly Shown[]): void {
  if (!all.some((shown) => shown.as === as) && c.get(as) !== undefined) {
    throw new MisuseError(
      `\`c.var.${as}\` is there already, from another middleware. Take that one away; or, to keep both, give this one another ` +
        "name, `sessions({ as: 'name', cookie: { name: 'name' } })`, and use `c.var.name`.",
    )
  }
  if (!all.some(({ session }) => session.cookie.name === cookie.name && session.cookie.path === cookie.path))
    return
  throw new MisuseError(
    `sessions() is mounted twice on this request, each time for the cookie "${cookie.name}" of the path ${cookie.path}. For one ` +
      'session make `const shared = createSessions(...)`, and mount `sessions({ sessions: shared })` in both places. For two ' +
      `give one of them a cookie of its own, \`cookie: { name: ... }\`, and \`as\` if both are to be at hand: below its mount ` +
      `the inner one is \`c.var.${as}\`.`,
  )
}
