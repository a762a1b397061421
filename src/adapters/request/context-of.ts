import type { RequestContext } from '../../session/request-context.ts'
import type { Framework } from './host.ts'

/** What a session has to know of its request; what is needed only where one begins is looked up then. */
export class ContextOf<Req> implements RequestContext {
  readonly secure: boolean
  readonly arrivedAt: number
  readonly request: Req
  readonly #framework: Framework<Req>

  constructor(framework: Framework<Req>, request: Req, secure: boolean, arrivedAt: number) {
    this.secure = secure
    this.arrivedAt = arrivedAt
    this.request = request
    this.#framework = framework
  }

  get method(): string | undefined {
    return this.#framework.methodOf(this.request)
  }

  get fetchSite(): string | undefined {
    return this.#header('sec-fetch-site')
  }

  get fetchMode(): string | undefined {
    return this.#header('sec-fetch-mode')
  }

  get fetchDest(): string | undefined {
    return this.#header('sec-fetch-dest')
  }

  #header(name: string): string | undefined {
    return this.#framework.headerOf(this.request)(name)?.toString()
  }
}
