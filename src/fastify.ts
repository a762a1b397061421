import {
  type FastifySessions,
  type FastifySessionsOptions,
  fastifySessions,
} from './adapters/fastify/plugin.ts'
import { sessionShown } from './adapters/node/framework-property.ts'
import type { PlainSession } from './adapters/request/plain-session.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

// What is imported as `untorn/fastify` is described by types/fastify.d.ts, which says the same and declares `request.session`.

export type { FastifySessions, FastifySessionsOptions } from './adapters/fastify/plugin.ts'

/** Sessions for Fastify 5, as a plugin. */
export function sessions<Data extends object = AnyData>(
  options: FastifySessionsOptions<Data> = {},
): FastifySessions<Data> {
  return fastifySessions<Data>(options, defaultStore)
}

/** The session of a request, with the type that its values have. */
export function sessionOf<Data extends object>(request: object, as = 'session'): PlainSession<Data> {
  return sessionShown<Data>(request, as, 'request')
}
