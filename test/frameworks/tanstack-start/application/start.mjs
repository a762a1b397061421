import { createMiddleware, createStart } from '@tanstack/react-start'

/** The site is that of the port which is asked: one process has one application. */
const siteOf = (request) => globalThis.untornSites.get(request.headers.get('host'))

export const session = createMiddleware({ type: 'request' }).server(({ request, next }) =>
  siteOf(request).app.handle(request, (session) => next({ context: { session } })),
)

export const startInstance = createStart(() => ({ requestMiddleware: [session] }))

export const answer = ({ request, context }) => siteOf(request).answer(context.session, request)
