import { AsyncLocalStorage } from 'node:async_hooks'
import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { InvalidOptionError, MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { committedOrUnsaved } from '../fetch/answer.ts'
import { type FetchRequest, fetchHost } from '../fetch/host.ts'
import { FetchMount } from '../fetch/mount.ts'
import type { CommittedSession } from '../request/committed-session.ts'
import type { PlainSession } from '../request/plain-session.ts'
import type { SessionsSource } from '../request/sessions-of.ts'
import { type AnySession, Shown } from '../request/shown.ts'

/** What `handle` uses of an event of SvelteKit's. */
export interface SvelteKitEvent {
  readonly request: Request
  readonly locals: object
  readonly cookies: {
    // biome-ignore lint/suspicious/noExplicitAny: options of SvelteKit's own, which it takes a part of
    set(name: string, value: string, options: any): void
  }
  readonly isSubRequest: boolean
}

/** What `sessions()` of `untorn/sveltekit` returns: a `handle` for `src/hooks.server.js`. */
export interface SvelteKitSessions<Data extends object = AnyData> {
  // biome-ignore lint/suspicious/noExplicitAny: the event that `resolve` takes is SvelteKit's, and is passed on as it came
  (input: { event: any; resolve(event: any): MaybePromise<Response> }): Promise<Response>
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

type Served<Data extends object> = CommittedSession<Data, FetchRequest>

const locals = new Shown('event.locals.session')

/** `defaultStore`: where the options name none. */
export function svelteKitSessions<Data extends object>(
  options: SessionsSource<Data>,
  defaultStore: () => SessionStore,
): SvelteKitSessions<Data> {
  for (const option of ['trustProxy', 'proxy']) {
    if (Reflect.get(Object(options), option) !== undefined) throw new InvalidOptionError(option, PROTOCOL)
  }
  const mount = new FetchMount<Data>(options, defaultStore, (_, cookieFollows) =>
    fetchHost(false, cookieFollows, PROTOCOL),
  )
  const within = new AsyncLocalStorage<Served<Data>>()
  const handle = async ({ event, resolve }: { event: SvelteKitEvent; resolve: Resolve }) => {
    const { request } = asEvent(event)
    const there = locals.on(event.locals)
    if (there?.isOf(mount.sessions)) return resolve(event)
    if (there !== undefined) locals.refuseSameCookie(mount.sessions, there)
    // An endpoint that a page fetches without a way through the network (`event.fetch`) has the page's session: two of one request that
    // begins a session would begin one each. Unless it was told to come as somebody else.
    const outer = event.isSubRequest ? within.getStore() : undefined
    if (outer?.commitFollows && outer.isOfVisitor(request.headers.get('cookie') ?? undefined)) {
      locals.show(event.locals, outer as unknown as AnySession)
      return resolve(event)
    }
    return mount.answer(request, async (session, outermost) => {
      locals.show(event.locals, session as unknown as AnySession)
      const resolved = () => within.run(session, () => resolve(event))
      const response = await (outermost ? answered(session, event, resolved) : resolved())
      // What stands in front of an inner mount goes on with its own.
      if (there !== undefined) locals.show(event.locals, there)
      // SvelteKit adds no cookie to what `handleError` answers.
      return outermost ? committedOrUnsaved(session, response) : response
    })
  }
  return Object.assign(handle, { sessions: mount.sessions, close: mount.close })
}

type Resolve = (event: SvelteKitEvent) => MaybePromise<Response>

const PROTOCOL =
  'tell @sveltejs/adapter-node of it, by `PROTOCOL_HEADER=x-forwarded-proto` in its environment, or by the origin: ' +
  "`ORIGIN` there with SvelteKit 2, `paths.origin` in SvelteKit 3's configuration"

/**
 * What another `handle` behind this one throws becomes an answer above: a redirect takes the cookies of the event along, an error
 * takes none.
 */
async function answered<Data extends object>(
  session: Served<Data>,
  event: SvelteKitEvent,
  resolve: () => MaybePromise<Response>,
): Promise<Response> {
  try {
    return await resolve()
  } catch (thrown) {
    if (!isRedirect(thrown)) {
      await session.commitUnanswered()
      throw thrown
    }
    await session.commitAnswer()
    for (const { name, value, attributes } of session.cookies) {
      event.cookies.set(name, value, { ...attributes, encode: (text: string) => text })
    }
    throw thrown
  }
}

function isRedirect(thrown: unknown): boolean {
  const { status, location } = (thrown ?? {}) as { status?: unknown; location?: unknown }
  return typeof status === 'number' && status >= 300 && status < 400 && typeof location === 'string'
}

function asEvent(event: Partial<SvelteKitEvent> | undefined): { request: FetchRequest } {
  const { request, locals: holder } = event ?? {}
  if (typeof request?.headers?.get === 'function' && typeof holder === 'object') return { request }
  throw new MisuseError(
    'What `sessions()` of untorn/sveltekit returns was called with something else than SvelteKit calls a `handle` with. In ' +
      '`src/hooks.server.js` write `export const handle = sessions()`.',
  )
}

/**
 * The session of an event, with the type that its values have: `sessionOf<{ views: number }>(event).views`. It is what
 * `event.locals.session` is.
 *
 * Throws `MisuseError` (`UNTORN_MISUSE`) where `handle` has not seen the event.
 */
export function sessionOf<Data extends object>(event: { readonly locals: object }): PlainSession<Data> {
  return locals.of<Data>(event?.locals, '`export const handle = sessions()`')
}
