import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'

/** As a server of Node.js passes its requests on to a fetch host: what `respond` rejects with is a plain 500. */
export async function bridge(
  req: IncomingMessage,
  res: ServerResponse,
  respond: (request: Request) => Promise<Response>,
): Promise<void> {
  const leaving = new AbortController()
  res.on('close', () => {
    if (!res.writableFinished) leaving.abort()
  })
  const answer = await respond(asRequest(req, leaving.signal)).catch(
    () => new Response('Internal Server Error', { status: 500 }),
  )
  res.statusCode = answer.status
  for (const [name, value] of answer.headers) res.appendHeader(name, value)
  if (answer.body === null || req.method === 'HEAD') return void res.end()
  const body = Readable.fromWeb(answer.body as NodeStream)
  body.on('error', () => res.destroy())
  body.pipe(res)
}

function asRequest({ method = 'GET', url, headers }: IncomingMessage, signal: AbortSignal): Request {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, each]),
  )
  return new Request(`http://${headers.host}${url}`, { method, headers: lines, signal })
}
