import { type KoaSessions, type KoaSessionsOptions, koaSessions } from './adapters/koa/middleware.ts'
import { sessionShown } from './adapters/node/framework-property.ts'
import type { PlainSession } from './adapters/request/plain-session.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

// What is imported as `untorn/koa` is described by types/koa.d.ts, which says the same and declares `ctx.session`.

export type { KoaSessions, KoaSessionsOptions } from './adapters/koa/middleware.ts'

/** Sessions for Koa 2 and 3, as a middleware. */
export function sessions<Data extends object = AnyData>(
  options: KoaSessionsOptions<Data> = {},
): KoaSessions<Data> {
  return koaSessions<Data>(options, defaultStore)
}

/** The session of a request, with the type that its values have. */
export function sessionOf<Data extends object>(ctx: object, as = 'session'): PlainSession<Data> {
  return sessionShown<Data>(ctx, as, 'ctx')
}
