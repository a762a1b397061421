import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { NodeSessions, WithSession } from 'untorn/node'
import { handlers, noSession, type SampleSession, visit } from './handlers.ts'

/** A server with untorn's sessions, or without any. */
export function nodeHttpServer(sessions: NodeSessions<SampleSession> | undefined): Server {
  if (!sessions) return createServer((req, res) => answer(req, res, () => noSession))
  return createServer(
    sessions((req: IncomingMessage & WithSession<SampleSession>, res: ServerResponse) =>
      answer(req, res, () => req.session as unknown as SampleSession),
    ),
  )
}

function answer(req: IncomingMessage, res: ServerResponse, session: () => SampleSession): void {
  const path = req.url as keyof typeof handlers | '/visit'
  const text = JSON.stringify(path === '/visit' ? visit() : handlers[path](session()))
  res.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  })
  res.end(text)
}
