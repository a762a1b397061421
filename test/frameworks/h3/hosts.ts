import { Readable } from 'node:stream'
import { H3, type H3Config, type H3Event, HTTPResponse, toNodeHandler } from 'h3'
import * as h3v1 from 'h3v1'
import { type H3Sessions, sessions } from '../../../src/h3.ts'
import type { AdapterSite, PageAnswer } from '../../../src/testing.ts'
import { listening } from './serve.ts'

type Served = Promise<{ url: string; close(): Promise<void> }>

function streamOf(body: AsyncIterable<string>): ReadableStream {
  return Readable.toWeb(Readable.from(body)).pipeThrough(new TextEncoderStream() as never) as ReadableStream
}

const bodyOf = ({ body }: PageAnswer) => (typeof body === 'object' ? streamOf(body) : body)

/** What a handler of h3 2 answers; each of them in a way of its own. */
export const ways: Record<string, (event: H3Event, answer: PageAnswer) => unknown> = {
  'what is prepared in event.res'(event, answer) {
    event.res.status = answer.status
    for (const [name, value] of answer.headers) event.res.headers.append(name, value)
    return bodyOf(answer) ?? ''
  },
  'a Response'(_event, answer) {
    return new Response(bodyOf(answer) ?? null, { status: answer.status, headers: answer.headers })
  },
  'an HTTPResponse'(_event, answer) {
    return new HTTPResponse(bodyOf(answer) ?? '', { status: answer.status, headers: answer.headers })
  },
}

export async function serveV2(site: AdapterSite, way: keyof typeof ways, config: H3Config = {}): Served {
  const app = new H3({ silent: true, ...config })
  app.use(sessions({ ...site.options, trustProxy: site.trustProxy }) as H3Sessions)
  app.all('/**', async (event) => {
    const { method } = event.req
    const url = event.url.pathname + event.url.search
    return ways[way]!(event, await site.page(event.context.session as never, { method, url }))
  })
  return listening(toNodeHandler(app) as never)
}

export async function serveV1(site: AdapterSite, installed: boolean, options: h3v1.AppOptions = {}): Served {
  const app = h3v1.createApp(options)
  const session = sessions({ ...site.options, trustProxy: site.trustProxy })
  if (installed) session.install(app)
  else app.use(session)
  app.use(
    h3v1.eventHandler(async (event) => {
      const { method, url } = event.node.req
      return answer(event, await site.page(event.context.session, { method: method!, url: url! }))
    }),
  )
  return listening(h3v1.toNodeListener(app))
}

/** What a handler of h3 1 answers. */
export function answer(event: h3v1.H3Event, page: PageAnswer): unknown {
  h3v1.setResponseStatus(event, page.status)
  for (const [name, value] of page.headers) h3v1.appendResponseHeader(event, name, value)
  return bodyOf(page) ?? ''
}
