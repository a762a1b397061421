import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { statusOf } from '../../../errors.ts'
import { isHttp2 } from './headers.ts'

/** Answers an error where nobody else does: its status, or the end of an answer that has begun and won't be whole. */
export function answerPlainly(res: ServerResponse, error: unknown): void {
  if (res.headersSent) {
    if (!res.writableEnded) breakOff(res)
    return
  }
  const status = statusOf(error)
  const text = `${STATUS_CODES[status]}\n`
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': text.length })
  res.end(text)
}

/** Ends an answer in its middle, so that no client waits for the rest of it, or takes what it has for all of it. */
function breakOff(res: ServerResponse): void {
  if (isHttp2(res)) {
    res.destroy(new Error('The answer could not be finished.'))
    return
  }
  const { socket } = res
  // Without chunks an answer may be whole when its connection ends as usual.
  if (socket && !res.chunkedEncoding && !isEncrypted(socket)) socket.resetAndDestroy()
  res.destroy()
}

function isEncrypted(socket: Socket): boolean {
  return (socket as { encrypted?: boolean }).encrypted === true
}
