import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isHttp2 } from './headers.ts'

const TEXT = 'Internal Server Error\n'

/** Answers where nobody else does: status 500, or the end of an answer that has begun and won't be whole. */
export function answerPlainly(res: ServerResponse): void {
  if (res.headersSent) {
    if (!res.writableEnded) breakOff(res)
    return
  }
  res.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': TEXT.length })
  res.end(TEXT)
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
