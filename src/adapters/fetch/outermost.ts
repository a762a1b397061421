import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'

/** Where a request, or what stands for it, has the sessions by which it is being answered. Of every copy of this code (across-copies.ts). */
const ANSWERED = Symbol.for('untorn.answered')

type Mounted = Pick<Sessions, 'cookie'>
type Answered = { [ANSWERED]?: readonly Mounted[] }

/**
 * Does work as the outermost mount of these sessions, which commits; `undefined`: another one further out does. `holder`: what all mounts
 * of a request see. Throws {@link MisuseError} where a mount further out has other sessions under the same cookie.
 */
export function asOutermost<T>(
  holder: object,
  sessions: Mounted,
  work: () => Promise<T>,
): Promise<T> | undefined {
  const answered = holder as Answered
  const outer = answered[ANSWERED] ?? []
  if (outer.some((each) => Object.is(each, sessions))) return undefined
  refuseSameCookie(sessions, outer)
  note(holder, [...outer, sessions])
  return work().finally(() => note(holder, outer))
}

function note(holder: object, mounted: readonly Mounted[]): void {
  Object.defineProperty(holder, ANSWERED, { value: mounted, configurable: true })
}

function refuseSameCookie({ cookie: { name, path } }: Mounted, others: readonly Mounted[]): void {
  if (!others.some(({ cookie }) => cookie.name === name && cookie.path === path)) return
  throw new MisuseError(
    `sessions() is mounted twice on this request, each time for the cookie "${name}" of the path ${path}. For one session make ` +
      '`const shared = createSessions(...)`, and mount `sessions({ sessions: shared })` in both places. For two give one of ' +
      'them a cookie of its own, `cookie: { name: ... }`.',
  )
}
