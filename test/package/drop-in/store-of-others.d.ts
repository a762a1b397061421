// biome-ignore-all lint/suspicious/noExplicitAny: as such code is written
// A store as others publish it, with what it derives from by the name of express-session.
import * as session from 'express-session'

export class StoreOfOthers extends session.Store {
  constructor(options: { ttl?: number })
  get(sid: string, callback: (err: any, found?: session.SessionData | null) => void): void
  set(sid: string, data: session.SessionData, callback?: (err?: any) => void): void
  destroy(sid: string, callback?: (err?: any) => void): void
}
export function middleware(options: session.SessionOptions): import('express').RequestHandler
