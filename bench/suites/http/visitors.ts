import { isDeepStrictEqual } from 'node:util'
import { values } from '../../candidates/sample.ts'
import { type Candidate, hasSessions, isInCookie, type Kind, kinds } from './candidates.ts'
import { CONNECTIONS } from './load.ts'
import { OVERLAPPING } from './overlapping.ts'

/** A cookie for each connection. Where there are no sessions one is made up, so that the requests are as long. */
export async function signIn(port: number, candidate: Candidate): Promise<string[]> {
  const cookies: string[] = []
  for (let i = 0; i < CONNECTIONS; i++) {
    const { setCookie } = await ask(port, 'POST', '/sign-in')
    const cookie = hasSessions(candidate) ? cookieIn(setCookie) : `sid=${values.token}`
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
    if (setCookie.length > 0) throw new Error(`${name} gave a cookie to a visitor who needs none.`)
    return
  }
  const cookie = cookies[Math.floor(Math.random() * cookies.length)]!
  const before = await look(port, cookie)
  const { body: read } = await ask(port, 'GET', '/read', cookie)
  const { body: changed, setCookie } = await ask(port, 'POST', '/change', cookie)
  const now = isInCookie(candidate) ? cookieIn(setCookie) : undefined
  const after = await look(port, now ?? cookie)
  const { user, cart } = values
  const isRight =
    isDeepStrictEqual(before, { user, cart, token: before.token }) &&
    isDeepStrictEqual(read, { id: user.id, name: user.name }) &&
    isDeepStrictEqual(after, { user, cart, token: changed.token }) &&
    (kind !== kinds.change || !isOnServer(candidate) || isLaterThan(before.token, lastChecked.get(cookie)))
  if (!isRight) throw new Error(`${name}: a session does not hold what it should.`)
  lastChecked.set(cookie, changed.token as string)
}

/** Of what is in the cookie no change stays that the load has made: it sends the same cookie again. */
const isOnServer = (candidate: Candidate): boolean => hasSessions(candidate) && !isInCookie(candidate)

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
  setCookie: readonly string[]
}

async function ask(port: number, method: string, path: string, cookie?: string): Promise<Answer> {
  const headers = cookie === undefined ? {} : { cookie }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
  if (response.status !== 200) throw new Error(`${path} was answered with status ${response.status}.`)
  return {
    body: (await response.json()) as Answer['body'],
    setCookie: response.headers.getSetCookie(),
  }
}

/** What a browser sends next; koa-session has a second one, which signs the first. */
function cookieIn(lines: readonly string[]): string | undefined {
  return lines.length === 0 ? undefined : lines.map((line) => line.split(';', 1)[0]).join('; ')
}

/**
 * How many of the values stay that overlapping requests of one visitor set, each its own. As a browser does, the visitor keeps
 * whichever cookie came last.
 */
export async function kept(port: number): Promise<number> {
  let cookie = cookieIn((await ask(port, 'POST', '/sign-in')).setCookie)!
  const visit = async (name: string): Promise<void> => {
    const { setCookie } = await ask(port, 'POST', `/${name}`, cookie)
    cookie = cookieIn(setCookie) ?? cookie
  }
  await Promise.all(Array.from({ length: OVERLAPPING }, (_, index) => visit(`mark-${index}`)))
  return ((await ask(port, 'GET', '/marks', cookie)).body as unknown as string[]).length
}
