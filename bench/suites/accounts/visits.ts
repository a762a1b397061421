import { randomUUID } from 'node:crypto'
import type { Session, Sessions } from 'untorn'
import type { values } from '../../candidates/sample.ts'
import { cookieOf } from '../store/sessions.ts'

export type Data = typeof values

export function newOwner(): string {
  return randomUUID()
}

/** A request: the cookie that its client has afterwards. */
export async function visitor(
  sessions: Sessions<Data>,
  cookie: string | undefined,
  handler: (session: Session<Data>) => unknown,
): Promise<string> {
  const session = await sessions.open(cookie)
  await handler(session)
  const line = await session.commit()
  return line === undefined ? cookie! : cookieOf(line)
}

/** Who has put something into a cart, and is nobody yet. */
export function visitorWith(sessions: Sessions<Data>, cart: Data['cart']): Promise<string> {
  return visitor(sessions, undefined, (session) => session.set('cart', cart))
}

/** A device that an owner has just signed in on. */
export function deviceOf(sessions: Sessions<Data>, owner: string): Promise<string> {
  return visitor(sessions, undefined, (session) => session.login(owner))
}
