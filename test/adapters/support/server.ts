import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** A server on loopback for the test that runs; it is gone with it. */
export async function serve(handler: Handler | Server): Promise<number> {
  const server = typeof handler === 'function' ? http.createServer(handler) : handler
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  return (server.address() as AddressInfo).port
}

export interface Answer {
  status: number
  statusMessage: string
  /** Names as sent, in order. */
  rawHeaders: string[]
  headers: http.IncomingHttpHeaders
  setCookies: string[]
  body: Buffer
  text: string
  trailers: NodeJS.Dict<string>
  /** Heads of status 1xx that came first. */
  informational: number[]
}

export interface Question {
  method?: string
  path?: string
  headers?: http.OutgoingHttpHeaders
  agent?: http.Agent
  body?: string
  /** Reads the body slowly, so that the server meets backpressure. */
  slowly?: boolean
}

/** One request, whole: bodies are compared byte by byte, heads as they were sent. */
export function ask(port: number, question: Question = {}): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {}, agent = new http.Agent(), body, slowly } = question
  return new Promise((resolve, reject) => {
    const informational: number[] = []
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent })
    request.on('information', (info) => informational.push(info.statusCode))
    request.on('continue', () => informational.push(100))
    request.on('error', reject)
    request.on('response', (response) => {
      read(response, slowly).then(
        (bytes) => resolve({ ...answer(response, bytes), informational }),
        (error) => reject(error),
      )
    })
    request.end(body)
  })
}

async function read(response: IncomingMessage, slowly = false): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) {
    chunks.push(chunk)
    if (slowly && chunks.length % 8 === 0) await new Promise((later) => setTimeout(later, 1))
  }
  return Buffer.concat(chunks)
}

function answer(response: IncomingMessage, body: Buffer): Omit<Answer, 'informational'> {
  return {
    status: response.statusCode!,
    statusMessage: response.statusMessage!,
    rawHeaders: response.rawHeaders,
    headers: response.headers,
    setCookies: response.headers['set-cookie'] ?? [],
    body,
    text: body.toString(),
    trailers: response.trailers,
  }
}

/** `name: value` lines of a head, without what differs from run to run. */
export function headLines({ rawHeaders }: Answer): string[] {
  const lines: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!/^(date|keep-alive)$/i.test(rawHeaders[i]!)) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  }
  return lines.sort()
}

export { aWhile as later } from '../../support/a-while.ts'
