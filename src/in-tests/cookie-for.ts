import { invalidArgument } from '../errors.ts'
import { asBoolean, refuseUnknown } from '../options/checks.ts'
import type { Session } from '../session/session.ts'
import type { Sessions } from '../sessions/create-sessions.ts'
import type { AnyData, KeyOf } from '../values/data.ts'

/** What {@link cookieFor} can be told. */
export interface CookieForOptions {
  /** Signs somebody in, by `login()`: the session is theirs, with `owner`, `devices()` and all. Default: nobody. */
  owner?: string
  /**
   * Whether the requests come over https, as the application sees it: over https the cookie has another name (`__Host-sid`). Default:
   * `false`, unless the option `cookie.secure: true` makes it that of https everywhere.
   */
  secure?: boolean
}

/**
 * The `Cookie` header of a visitor with a session of these values, which is stored: for tests of applications, with supertest,
 * fetch or a browser.
 *
 * ```ts
 * const cookie = await cookieFor(sessions, { cart: { tea: 1 } }, { owner: 'ada' })
 * await request(app).get('/cart').set('Cookie', cookie).expect(200)
 * ```
 *
 * `sessions`: what `createSessions` returns, or `sessions()` of an adapter as `.sessions`. Rejects with a `TypeError`
 * (`UNTORN_INVALID_ARGUMENT`) for arguments of another kind, `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for options that
 * can't be used, and as `save()` and `login()` do.
 */
export async function cookieFor<Data extends object = AnyData>(
  sessions: Sessions<Data>,
  data: Partial<NoInfer<Data>> = {},
  options: CookieForOptions = {},
): Promise<string> {
  assertSessions(sessions)
  if (typeof data !== 'object' || data === null)
    throw invalidArgument('data', 'an object of values is needed')
  refuseUnknown('', options as Record<string, unknown>, ['owner', 'secure'])
  const { owner, secure = false } = options
  asBoolean('secure', secure)
  const session = await sessions.open(undefined, { secure: true })
  const keys = Object.keys(data) as KeyOf<Data>[]
  for (const key of keys) session.set(key, data[key])
  await (owner === undefined ? session.begin() : session.login(owner, { keep: keys }))
  const line = (await session.commit())!
  const ofHttps = line.split(';', 1)[0]!
  return secure ? ofHttps : await overHttp(sessions, session, ofHttps)
}

/** The name that the same cookie has over http, unless it has none there. */
async function overHttp<Data extends object>(
  sessions: Sessions<Data>,
  { id }: Session<Data>,
  ofHttps: string,
): Promise<string> {
  const cookie = `${sessions.cookie.name}=${id}`
  const found = await sessions.open(cookie, { secure: false })
  return found.isNew ? ofHttps : cookie
}

/** Throws `TypeError` for what is a middleware, options or a store. */
export function assertSessions(sessions: unknown): void {
  const { open, cookie } = (sessions ?? {}) as Partial<Sessions>
  if (typeof open === 'function' && cookie?.name !== undefined) return
  throw invalidArgument(
    'sessions',
    'what `createSessions` returns is needed, or `sessions()` of an adapter as `.sessions`',
  )
}
