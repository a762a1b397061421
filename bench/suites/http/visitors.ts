import { isDeepStrictEqual } from 'node:util'
import { values } from '../../candidates/sample.ts'
import { type Candidate, hasSessions, type Kind, kinds } from './candidates.ts'
import { CONNECTIONS } from './load.ts'

/** A cookie for each connection. Where there are no sessions one is made up, so that the requests are as long. */
export async function signIn(port: number, candidate: Candidate): Promise<string[]> {
  const cookies: string[] = []
  for (let i = 0; i < CONNECTIONS; i++) {
    const { setCookie } = await ask(port, 'POST', '/sign-in')
    const cookie = hasSessions(candidate) ? setCookie?.split(';')[0] : `sid=${values.token}`
    if (cookie === undefined) throw new Error('No session was begun.')
    cookies.push(cookie)
  }
  return cookies
}

/** Fails if a slice has not done what it was to do, as requests that do nothing are fast. */
export async function check(
  port: number,
  candidate: Candidate,
  kind: Kind,
  cookies: readonly string[],
): Promise<void> {
  const { name } = candidate
  if (!kind.hasSession) {
    const { setCookie } = await ask(port, kind.method, kind.path)
    if (setCookie !== null) throw new Error(`${name} gave a cookie to a visitor who needs none.`)
    return
  }
  const cookie = cookies[Math.floor(Math.random() * cookies.length)]!
  const before = await look(port, cookie)
  const { body: read } = await ask(port, 'GET', '/read', cookie)
  const { body: changed } = await ask(port, 'POST', '/change', cookie)
  const after = await look(port, cookie)
  const { user, cart } = values
  const isRight =
    isDeepStrictEqual(before, { user, cart, token: before.token }) &&
    isDeepStrictEqual(read, { id: user.id, name: user.name }) &&
    isDeepStrictEqual(after, { user, cart, token: changed.token }) &&
    (kind !== kinds.change || !hasSessions(candidate) || isLaterThan(before.token, lastChecked.get(cookie)))
  if (!isRight) throw new Error(`${name}: a session does not hold what it should.`)
  lastChecked.set(cookie, changed.token as string)
}

/** The last token that a check left in a session: a slice of changes has replaced it. */
const lastChecked = new Map<string, string>()

function isLaterThan(token: unknown, before: string | undefined): boolean {
  return before === undefined || (token as string) > before
}

async function look(port: number, cookie: string): Promise<Record<string, unknown>> {
  return (await ask(port, 'GET', '/look', cookie)).body
}

interface Answer {
  body: Record<string, unknown>
  setCookie: string | null
}

async function ask(port: number, method: string, path: string, cookie?: string): Promise<Answer> {
  const headers = cookie === undefined ? {} : { cookie }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
  if (response.status !== 200) throw new Error(`${path} was answered with status ${response.status}.`)
  return {
    body: (await response.json()) as Answer['body'],
    setCookie: response.headers.get('set-cookie'),
  }
}
