import { statusOf } from '../../errors.ts'
import { isResponse, letGo } from '../fetch/answer.ts'
import { listOf, textOf } from '../node/response/headers.ts'
import type { CommittedSession } from '../request/committed-session.ts'
import type { ResponseHeaders } from '../request/head-additions.ts'
import { OF_THE_BODY } from '../request/of-the-body.ts'
import type { FastifyReply, FastifyRequest } from './host.ts'

type Committed = CommittedSession<object, FastifyRequest>

/**
 * Adds to the head of a reply what its session has committed. Returns what is to be sent in the payload's place, if anything: of a
 * `Response` the headers would win over what is added here, so they are taken over first, as Fastify does, and its body is left.
 */
export function addToReply(reply: FastifyReply, session: Committed, payload?: unknown): unknown {
  const taken = isResponse(payload) && !payload.bodyUsed ? payload : undefined
  if (taken !== undefined) {
    reply.code(taken.status)
    for (const [name, value] of taken.headers) reply.header(name, value)
  }
  session.addTo(new ReplyHeaders(reply))
  return taken?.body
}

/**
 * The commit has failed, and Fastify answers an error in the place of this reply: takes back what described its body, and lets go
 * of that, as nobody reads it.
 */
export function giveUp(reply: FastifyReply, payload: unknown, error: unknown): void {
  for (const name of OF_THE_BODY) reply.removeHeader(name)
  reply.code(statusOf(error))
  letGo(payload)
}

/** What was set on the response itself by a middleware counts as well, as it does to Fastify. */
class ReplyHeaders implements ResponseHeaders {
  readonly #reply: FastifyReply

  constructor(reply: FastifyReply) {
    this.#reply = reply
  }

  get(name: string): string | undefined {
    return textOf(this.#reply.getHeader(name))
  }

  set(name: string, value: string): void {
    this.#reply.header(name, value)
  }

  /** Of a list Fastify makes a longer one, and leaves out what only the response has. */
  append(name: string, value: string): void {
    const values = listOf(this.#reply.getHeader(name))
    this.#reply.removeHeader(name)
    this.#reply.header(name, [...values, value])
  }

  getSetCookie(): string[] {
    return listOf(this.#reply.getHeader('set-cookie'))
  }
}
