import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { createSessions, Session, Sessions, SessionsOptions } from '../../../src/index.ts'
import type { sessions } from '../../../src/node.ts'
import { VERBS, type Verb } from './verbs.ts'

/** What the application takes of the package: as it stands in src/, or in another process as it ships. */
export interface Library {
  readonly createSessions: typeof createSessions
  readonly sessions: typeof sessions
}

/** What a visitor is told, as JSON. */
export interface Told {
  readonly told: string
  readonly value?: unknown
}

/** A path for each verb: the page that does it, and says how it went. */
export function application(library: Library, options: SessionsOptions): RequestListener {
  const all = library.createSessions(options)
  // A proxy in front of it ends TLS: so the cookie is the one that a site has in operation.
  return library.sessions({ sessions: all, trustProxy: true })(async (req, res) => {
    res.end(JSON.stringify(await toldBy(req, all)))
  }) as (req: IncomingMessage, res: ServerResponse) => void
}

async function toldBy(req: IncomingMessage & { session: unknown }, all: Sessions): Promise<Told> {
  const { searchParams, pathname } = new URL(req.url!, 'http://localhost')
  const verb: Verb = VERBS[pathname.slice(1) as keyof typeof VERBS]
  const session = req.session as Session
  try {
    const value = await verb.act?.(session, all, searchParams.get('mark')!)
    return (await isGone(session, verb, value)) ? { told: 'UNTORN_SESSION_GONE' } : { told: 'done', value }
  } catch (error) {
    return { told: (error as { code?: string }).code ?? String(error) }
  }
}

/** On a request nothing throws for a session that was ended: it says `false`. */
async function isGone(session: Session, { does }: Verb, value: unknown): Promise<boolean> {
  if (does === 'rotate' || does === 'confirm') return value === false
  if (does !== 'changes' && does !== 'updates') return false
  return (await (session.save() as unknown as Promise<boolean>)) === false
}
