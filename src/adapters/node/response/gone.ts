import type { ServerResponse } from 'node:http'

/** Whether nobody reads a response any more. That of HTTP/2 does not say so itself, but its stream does. */
export function isGone(res: ServerResponse): boolean {
  return res.destroyed || (res as Partial<OfHttp2>).stream?.destroyed === true
}

interface OfHttp2 {
  readonly stream: { readonly destroyed: boolean }
}
