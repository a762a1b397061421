import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FetchSessions, type OpenedRequest, type PlainSession, sessions } from '../../../src/fetch.ts'
import type { SessionsOptions } from '../../../src/index.ts'
import type { AdapterConformanceOptions, AdapterSite, PageAnswer } from '../../../src/testing.ts'
import { listening } from '../../adapters/conformance/sites.ts'

/** No more of a request than its session has to know. */
export type Asked = Pick<Request, 'headers' | 'method' | 'url' | 'signal'>

/**
 * An adapter for `node:http` that keeps every promise, in steps of which a wrong one has another: it is a class that
 * overrides them.
 */
export class Adapter {
  readonly site: AdapterSite
  readonly app: FetchSessions

  constructor(site: AdapterSite) {
    this.site = site
    this.app = sessions({ ...this.options(), trustProxy: this.trustProxy() })
  }

  options(): SessionsOptions {
    return this.site.options
  }

  trustProxy(): boolean {
    return this.site.trustProxy
  }

  async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const asked = this.asked(req)
    let opened: OpenedRequest
    try {
      opened = await this.open(asked)
    } catch {
      return this.send(req, res, FAILED, new Headers())
    }
    const answer = await this.answer(opened, req).catch(() => FAILED)
    try {
      const head = await this.commit(opened, answer, asked)
      await this.send(req, res, answer, head)
    } catch {
      if (res.headersSent) return void res.destroy()
      await this.send(req, res, FAILED, this.due(opened))
    }
  }

  asked(req: IncomingMessage): Asked {
    const headers = new Headers()
    for (const [name, value] of Object.entries(req.headers)) headers.set(name, String(value))
    return {
      headers,
      method: req.method!,
      url: `http://localhost${req.url}`,
      signal: new AbortController().signal,
    }
  }

  open(asked: Asked): Promise<OpenedRequest> {
    return this.app.open(asked as Request)
  }

  async answer(opened: OpenedRequest, req: IncomingMessage): Promise<PageAnswer> {
    return this.site.page(this.session(opened.session), { method: req.method!, url: req.url! })
  }

  /** What a page is given. */
  session(session: PlainSession): PlainSession {
    return session
  }

  commit(opened: OpenedRequest, { headers }: PageAnswer, _asked: Asked): Promise<Headers> {
    return opened.commit(new Headers(headers))
  }

  due(opened: OpenedRequest): Headers {
    return opened.due()
  }

  async send(
    _req: IncomingMessage,
    res: ServerResponse,
    { status, body = '' }: PageAnswer,
    head: Headers,
  ): Promise<void> {
    res.statusCode = status
    for (const [name, value] of head) res.appendHeader(name, value)
    if (typeof body === 'string') return void res.end(body)
    for await (const piece of body) res.write(piece)
    res.end()
  }
}

export const FAILED: PageAnswer = { status: 500, headers: [], body: 'failed' }

/** How sites are served by an adapter. */
export const servedBy =
  (Kind: typeof Adapter): AdapterConformanceOptions['serve'] =>
  (site) => {
    const adapter = new Kind(site)
    return listening((req, res) => void adapter.serve(req, res))
  }

/** An adapter that breaks a promise, and the cases that have to notice, over a store that answers at once or later. */
export interface AdapterFault {
  fault: string
  caughtBy: readonly string[]
  options: AdapterConformanceOptions
}

export function fault(fault: string, Kind: typeof Adapter, ...caughtBy: string[]): AdapterFault {
  return { fault, caughtBy, options: { serve: servedBy(Kind), timeout: 3000 } }
}

/** What the cases over a store that answers later have behind their titles. */
export const LATER = ', over a store that answers later'
