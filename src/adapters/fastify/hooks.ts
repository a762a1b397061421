import { after, attempt, isPromise, type MaybePromise } from '../../contract/wait.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { keepShown } from '../node/framework-property.ts'
import { sessionOn } from '../request/sessions-on.ts'
import { addToReply, giveUp } from './answer.ts'
import { type FastifyReply, type FastifyRequest, FastifySession, fastifyHost } from './host.ts'

export type Hooks = ReturnType<typeof hooksOf>

/** What Fastify calls for each request. */
export function hooksOf<Data extends object>(sessions: Sessions<Data>, slot: symbol, cookieFollows: boolean) {
  const host = fastifyHost(cookieFollows)
  return {
    onRequest(request: FastifyRequest, reply: FastifyReply, done: () => void): MaybePromise<void> {
      const session = new FastifySession<Data>(reply, sessions, host, request)
      const ready = keepShown(request, slot, session).prepare()
      return isPromise(ready) ? ready : done()
    },

    onSend(
      request: FastifyRequest,
      reply: FastifyReply,
      payload: unknown,
      done: (error: null, payload?: unknown) => void,
    ): MaybePromise<unknown> {
      const session = sessionOn(request, sessions)
      // An earlier hook has answered, before it came here.
      if (session === undefined) return done(null)
      const committed = attempt(
        () => session.commitAnswer(),
        (error) => {
          giveUp(reply, payload, error)
          throw error
        },
      )
      const sent = after(committed, (adds) => (adds ? addToReply(reply, session, payload) : undefined))
      return isPromise(sent) ? sent : done(null, sent)
    },

    /** What is answered is the error, and nothing has left yet: an error handler may change the session. */
    onError(request: FastifyRequest, reply: FastifyReply, _error: unknown, done: () => void): void {
      if (!reply.raw.headersSent) sessionOn(request, sessions)?.headStays()
      done()
    },
  }
}
