import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { NodeSessions, WithSession } from 'untorn/node'
import { answerTo } from './answer.ts'
import { noSession, type SampleSession } from './handlers.ts'

/** A server with untorn's sessions, or without any. */
export function nodeHttpServer(sessions: NodeSessions<SampleSession> | undefined): Server {
  if (!sessions) return createServer((req, res) => answer(req, res, () => noSession))
  return createServer(
    sessions((req: IncomingMessage & WithSession<SampleSession>, res: ServerResponse) =>
      answer(req, res, () => req.session as unknown as SampleSession),
    ),
  )
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  session: () => SampleSession,
): Promise<void> {
  const answered = answerTo(req.url!, session)
  const text = JSON.stringify(answered instanceof Promise ? await answered : answered)
  res.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  })
  res.end(text)
}
