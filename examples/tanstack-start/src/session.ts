import { createMiddleware } from '@tanstack/react-start'
import { sessions } from 'untorn/tanstack-start'

/** Files in ./.sessions, secure defaults. */
const app = sessions<{
  cart: Record<string, number>
  notes: Record<string, string>
  notice: string
}>()

export const session = createMiddleware({ type: 'request' }).server(({ request, next }) =>
  app.handle(request, (session) => next({ context: { session } })),
)
