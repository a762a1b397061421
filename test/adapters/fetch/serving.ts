import { type PlainSession, sessions } from '../../../src/fetch.ts'
import { type Sessions, UntornError } from '../../../src/index.ts'

export type Page = (session: PlainSession, request: Request) => Response | Promise<Response>

/** A handler in two steps, of a host that answers errors itself. */
export function serving(served: Sessions, page: Page): (request: Request) => Promise<Response> {
  const app = sessions({ sessions: served })
  return async (request) => {
    const { session, commit, due } = await app.open(request)
    try {
      return await commit(await page(session, request))
    } catch (error) {
      const { code, status } = error instanceof UntornError ? error : { code: 'unknown', status: 500 }
      return new Response('failed', { status, headers: due(new Headers({ 'x-error': code })) })
    }
  }
}
