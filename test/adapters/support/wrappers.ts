import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGzip, type Gzip } from 'node:zlib'

type Next = () => void
type AnyMethods = Record<'writeHead' | 'write' | 'end' | 'on', (...args: unknown[]) => unknown>

/** Whether the head has left, in the words that middlewares which wrap a response use. */
const headLeft = (res: ServerResponse) => Boolean((res as { _header?: unknown })._header)

/** A middleware that compresses, as compressing middlewares do it: it wraps writeHead, write and end. */
export function gzipping(_req: IncomingMessage, res: ServerResponse, next: Next): void {
  const wrapped = res as unknown as AnyMethods
  const { writeHead, write, end, on } = wrapped
  let gzip: Gzip | undefined
  let ended = false

  const begin = () => {
    gzip = createGzip()
    res.setHeader('Content-Encoding', 'gzip')
    res.removeHeader('Content-Length')
    gzip.on('data', (chunk) => {
      if (write.call(res, chunk) === false) gzip!.pause()
    })
    gzip.on('end', () => end.call(res))
    on.call(res, 'drain', () => gzip!.resume())
    for (const listener of waiting) gzip.on('drain', listener)
  }
  // Who waits for the response to drain waits for the compression, also if there is none yet.
  const waiting: (() => void)[] = []
  wrapped.on = (event, listener) => {
    if (event !== 'drain') return on.call(res, event, listener)
    if (gzip) gzip.on('drain', listener as () => void)
    else waiting.push(listener as () => void)
    return res
  }
  wrapped.writeHead = (...args) => {
    if (!gzip) begin()
    return writeHead.apply(res, args)
  }
  const askForHead = () => {
    if (!headLeft(res)) res.writeHead(res.statusCode)
  }
  wrapped.write = (chunk, encoding) => {
    askForHead()
    return gzip!.write(chunk, encoding as BufferEncoding)
  }
  wrapped.end = (chunk, encoding) => {
    if (ended) return false
    askForHead()
    ended = true
    return chunk === undefined ? gzip!.end() : gzip!.end(chunk, encoding as BufferEncoding)
  }
  next()
}

/** A middleware that wraps `end`, and takes its wrapper off when it is called, as loggers do. */
export function takingItselfOff(_req: IncomingMessage, res: ServerResponse, next: Next): void {
  const wrapped = res as unknown as AnyMethods
  const { end } = wrapped
  wrapped.end = (...args) => {
    wrapped.end = end
    return wrapped.end.apply(res, args)
  }
  next()
}
