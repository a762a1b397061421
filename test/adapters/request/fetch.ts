import { AnsweredSession } from '../../../src/adapters/request/answered-session.ts'
import type { Framework } from '../../../src/adapters/request/host.ts'
import type { PlainSession } from '../../../src/adapters/request/plain-session.ts'
import type { AnyData, Sessions } from '../../../src/index.ts'

const FETCH: Framework<Request> = {
  cookieOf: (request) => request.headers.get('cookie') ?? undefined,
  headerOf: (request) => (name) => request.headers.get(name),
  methodOf: (request) => request.method,
  isSecure: (request) => new URL(request.url).protocol === 'https:',
  onInsecureCookie() {},
}

class FetchSession extends AnsweredSession<AnyData, Request> {
  protected get clientIsGone(): boolean {
    return this.req.signal.aborted
  }

  protected tellWhenOver(): void {
    this.req.signal.addEventListener('abort', () => this.over())
  }

  protected answerFailure(): void {}
}

export type Page = (session: PlainSession, request: Request) => Response | Promise<Response>

/** A handler of the kind that fetch hosts take: as little as the session of a request asks of whoever serves it. */
export function serving(sessions: Sessions, page: Page): (request: Request) => Promise<Response> {
  return async (request) => {
    const session = new FetchSession(sessions, FETCH, request)
    await session.prepare()
    const answer = await page(session.plain, request)
    // Those of a redirect, say, can't be changed.
    const headers = new Headers(answer.headers)
    try {
      const additions = await session.commit()
      additions?.addTo(headers)
      const { status, statusText } = answer
      return new Response(
        ending(answer.body, () => session.over()),
        { status, statusText, headers },
      )
    } catch (error) {
      const failed = new Headers({ 'x-error': (error as { code?: string }).code ?? 'unknown' })
      session.due()?.addTo(failed)
      return new Response('failed', { status: 503, headers: failed })
    }
  }
}

/** A body that says when it has been sent. */
function ending(body: Response['body'], ended: () => void): Response['body'] {
  if (body === null) return null
  const watch = new TransformStream<Uint8Array, Uint8Array>({ flush: ended })
  return body.pipeThrough(watch)
}
