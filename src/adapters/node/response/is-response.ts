import type { ServerResponse } from 'node:http'

/** Whether it is a response, and not what stands in for one at an upgrade: `{}`, or the connection. */
export function isResponse(res: unknown): res is ServerResponse {
  const { writeHead, on } = (res ?? {}) as Partial<ServerResponse>
  return typeof writeHead === 'function' && typeof on === 'function'
}
