/** The stores of express-session. */
export type PeerKeeping = 'memory' | 'session-file-store' | 'connect-redis' | 'connect-pg-simple'

/** What frameworks have of their own, or people take beside them. */
export type FrameworkKeeping = '@fastify/session' | 'koa-session' | 'iron-session'

/** Where a server keeps its sessions. */
export type Keeping = 'nowhere' | 'nowhere-shared' | UntornKeeping | PeerKeeping | FrameworkKeeping
export type UntornKeeping = 'untorn' | 'untorn-disk' | 'untorn-redis' | 'untorn-postgres'

export type FrameworkName = 'Express' | 'node:http' | 'fetch' | 'Hono' | 'Fastify' | 'Koa' | ElsewhereName

/** Installed where they are tested, in a folder of test/frameworks/ each, and not a second time here. */
export type ElsewhereName =
  | 'h3 1'
  | 'h3 2'
  | 'Elysia'
  | 'SvelteKit'
  | 'React Router'
  | 'TanStack Start'
  | 'Next.js'

export interface Candidate {
  name: string
  framework: FrameworkName
  keeping: Keeping
}

/** What a candidate's process is told. */
export interface Told extends Pick<Candidate, 'framework' | 'keeping'> {
  /** For session files. */
  directory: string
  /** Of the database, if it uses one. */
  url: string | undefined
}

export const names = {
  express: 'Express: no sessions',
  expressShared: 'Express: no sessions, shared hidden classes',
  expressUntorn: 'Express: untorn',
  http: 'node:http: no sessions',
  httpUntorn: 'node:http: untorn',
} as const

export const candidates: readonly Candidate[] = [
  { name: names.express, framework: 'Express', keeping: 'nowhere' },
  // untorn's middleware makes all of Express faster by that, which hides what the sessions cost.
  { name: names.expressShared, framework: 'Express', keeping: 'nowhere-shared' },
  { name: names.expressUntorn, framework: 'Express', keeping: 'untorn' },
  { name: "Express: untorn, durability 'disk'", framework: 'Express', keeping: 'untorn-disk' },
  { name: 'Express: untorn, Redis', framework: 'Express', keeping: 'untorn-redis' },
  { name: 'Express: untorn, PostgreSQL', framework: 'Express', keeping: 'untorn-postgres' },
  { name: 'Express: MemoryStore', framework: 'Express', keeping: 'memory' },
  { name: 'Express: session-file-store', framework: 'Express', keeping: 'session-file-store' },
  { name: 'Express: connect-redis', framework: 'Express', keeping: 'connect-redis' },
  { name: 'Express: connect-pg-simple', framework: 'Express', keeping: 'connect-pg-simple' },
  { name: names.http, framework: 'node:http', keeping: 'nowhere' },
  { name: names.httpUntorn, framework: 'node:http', keeping: 'untorn' },
]

/** The candidate that another one's requests are compared with. */
export function bare({ framework }: Pick<Candidate, 'framework'>): string {
  return `${framework}: no sessions`
}

export function hasSessions({ keeping }: Pick<Candidate, 'keeping'>): boolean {
  return keeping !== 'nowhere' && keeping !== 'nowhere-shared'
}

/** Whether each answer to a change carries the whole session, and the next request has to bring that. */
export function isInCookie({ keeping }: Pick<Candidate, 'keeping'>): boolean {
  return keeping === 'koa-session' || keeping === 'iron-session'
}

/** What a visitor asks for, again and again. */
export interface Kind {
  name: string
  method: 'GET' | 'POST'
  path: string
  /** Whether the visitors have a session; otherwise they come without a cookie. */
  hasSession: boolean
}

export const kinds = {
  read: { name: 'Read a session', method: 'GET', path: '/read', hasSession: true },
  change: { name: 'Change a session', method: 'POST', path: '/change', hasSession: true },
  visit: { name: 'A visitor without a session', method: 'GET', path: '/visit', hasSession: false },
} as const satisfies Record<string, Kind>
