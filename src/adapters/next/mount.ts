import type { SessionStore } from '../../contract/store.ts'
import { after, type MaybePromise } from '../../contract/wait.ts'
import { asBoolean } from '../../options/checks.ts'
import { checkOptions } from '../../sessions/check-options.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { SessionsOptions } from '../../sessions/options.ts'
import type { AnyData } from '../../values/data.ts'
import type { CommittingHost } from '../request/committed-session.ts'
import {
  closing,
  cookieFollowsRequest,
  refuseOther,
  type SessionsSource,
  sessionsOf,
} from '../request/sessions-of.ts'
import { type CookieJar, type NextRequest, nextHost } from './request.ts'
import { assertWritable, ReadSession, WritableSession } from './session.ts'
import { forget, sharedStore } from './shared-store.ts'

/** The options of `createSessions`, but for `store`, or `{ sessions }`; and what Next.js has besides. */
export type NextSessionsOptions<Data extends object = AnyData> = NextSource<Data> & {
  /**
   * Whether `X-Forwarded-Proto` says if a request came over https. Default: `true`, as everywhere in Next.js, which sets it itself
   * where no proxy does; nothing else says it. With `false` no request counts as https. A proxy of yours has to set it, as from
   * anybody else it is a claim.
   */
  trustProxy?: boolean
}

type NextSource<Data extends object> =
  | (Omit<SessionsOptions<Data>, 'store'> & {
      sessions?: undefined
      /**
       * Where sessions are kept, or a function that makes the store: `() => fileStore('/var/lib/shop/sessions')`. It is called with
       * the first request, so that `next build` opens nothing, and once in a process for a cookie's name, path and `app`: Next.js
       * loads a module several times, and anew at each change of it in `next dev`. Default: `fileStore('./.sessions')`, made in the
       * same way.
       */
      store?: SessionStore | (() => SessionStore)
    })
  | { sessions: Sessions<Data> }

/** Sessions by which requests of Next.js are served, made with the first of them. */
export class NextMount<Data extends object> {
  readonly #make: () => Sessions<Data>
  readonly #host: CommittingHost<NextRequest>
  #sessions: Sessions<Data> | undefined
  readonly #writable = new OfRequest<WritableSession<Data>>()
  readonly #readable = new OfRequest<ReadSession<Data>>()

  /** Throws what `createSessions` throws for options. `defaultStore`: where they name none. */
  constructor(options: NextSessionsOptions<Data>, defaultStore: () => SessionStore) {
    refuseOther(options)
    const { trustProxy = true, ...rest } = options
    const source = rest as NextSource<Data>
    const trusts = asBoolean('trustProxy', trustProxy)
    this.#make = makerOf(source, defaultStore)
    if (source.sessions !== undefined) this.#sessions = this.#make()
    this.#host = nextHost(trusts, cookieFollowsRequest(source as SessionsSource<Data>))
  }

  get sessions(): Sessions<Data> {
    this.#sessions ??= this.#make()
    return this.#sessions
  }

  /** The session of a request, which is to be prepared before a handler gets it. Throws `MisuseError` where no cookie can be set. */
  writable(request: NextRequest): WritableSession<Data> {
    assertWritable(request)
    return this.#writable.get(request, () => new WritableSession<Data>(this.sessions, this.#host, request))
  }

  /** The same, to be read. What an action has changed and not saved yet is not in it. */
  readable(request: NextRequest): ReadSession<Data> {
    return this.#readable.get(request, () => new ReadSession<Data>(this.sessions, this.#host, request))
  }

  close(): MaybePromise<void> {
    const sessions = this.#sessions
    if (sessions === undefined) return undefined
    forget(sessions.store)
    return after(closing(sessions), () => {})
  }
}

/** What makes the sessions. Throws what is wrong with options where they are given, though nothing is made of them yet. */
function makerOf<Data extends object>(
  source: NextSource<Data>,
  defaultStore: () => SessionStore,
): () => Sessions<Data> {
  if (source.sessions !== undefined) return () => sessionsOf<Data>(source, defaultStore)
  const { sessions: _, store, ...others } = source
  checkOptions(typeof store === 'function' ? others : { ...others, store })
  if (typeof store === 'object') return () => sessionsOf<Data>({ ...others, store }, defaultStore)
  const of = JSON.stringify([others.app, others.cookie?.name, others.cookie?.path])
  return () => sessionsOf<Data>(others, () => sharedStore(of, store ?? defaultStore))
}

/** One for a request, by what `cookies()` gives: the same object each time, and another one for the page that follows on an action. */
class OfRequest<Session> {
  readonly #all = new WeakMap<CookieJar, Session>()

  get({ cookies }: NextRequest, make: () => Session): Session {
    const there = this.#all.get(cookies)
    if (there !== undefined) return there
    const made = make()
    this.#all.set(cookies, made)
    return made
  }
}
