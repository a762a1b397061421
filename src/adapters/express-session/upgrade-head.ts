import type { ServerResponse } from 'node:http'
import type { AddsToHead } from '../node/response/head.ts'
import { addToHead } from '../node/response/headers.ts'

/**
 * The head of an upgrade (Socket.IO asks for it by `writeHead` on an object in place of a response) takes along what `additions`
 * gives: nobody would wait for a session to be saved, so that goes on meanwhile.
 */
export function watchUpgradeHead(
  res: Partial<ServerResponse>,
  additions: () => AddsToHead | undefined,
): void {
  const { writeHead, getHeader, setHeader } = res
  if (typeof writeHead !== 'function' || typeof getHeader !== 'function' || typeof setHeader !== 'function')
    return
  let asked = false
  res.writeHead = ((...args: unknown[]) => {
    if (!asked) {
      asked = true
      const added = additions()
      if (added) addToHead(res as ServerResponse, added)
    }
    return Reflect.apply(writeHead, res, args)
  }) as typeof writeHead
}
