import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { SessionName } from './session-name.ts'

// What applications do by mistake whatever their host is, and what they are told.

/** `sessions` itself was passed on, and got `what` its host hands over. `write`: how it is called. */
export function uncalled(what: string, write: string): MisuseError {
  return new MisuseError(
    `\`sessions\` was passed on without being called, and was given ${what}. Write ${write}.`,
  )
}

/** A mount that stands behind what answers. */
export function reachedTooLate(): MisuseError {
  return new MisuseError(
    "sessions() was reached after the response's head had left, so no session could be saved. Mount it in front of what answers.",
  )
}

/** Sessions, or one of them, by the cookie that they are found by. */
type OfCookie = Pick<Sessions, 'cookie'>

/**
 * Throws where others that are mounted on the same request have the same cookie: two that read one would take each other's sessions for
 * unknown ones. `name`: what handlers call the inner one; left out where they are given it.
 */
export function refuseSameCookie({ cookie }: OfCookie, other: OfCookie, name?: SessionName): void {
  if (cookie.name !== other.cookie.name || cookie.path !== other.cookie.path) return
  const and = name?.other === undefined ? '' : ', and `as` if both are to be at hand'
  const inner = name === undefined ? '' : `: below its mount the inner one is \`${name.written}\``
  throw new MisuseError(
    `sessions() is mounted twice, each time for the cookie "${cookie.name}" of the path ${cookie.path}. For one session make ` +
      '`const shared = createSessions(...)`, and mount `sessions({ sessions: shared })` in both places. For two give one of them ' +
      `a cookie of its own, \`cookie: { name: ... }\`${and}${inner}.`,
  )
}

/** Where the session is to be shown something is that is none of ours. */
export function foreignSession({ written, other }: SessionName): MisuseError {
  const instead =
    other === undefined
      ? 'Take that one away: a request has one session there.'
      : 'Take that one away; or, to keep both, give this one another name, ' +
        `\`sessions({ as: 'name', cookie: { name: 'name' } })\`, and use \`${other}\`.`
  return new MisuseError(
    `\`${written}\` is there already, from another library or from the framework. ${instead}`,
  )
}

/** The session is assigned. */
export function assignedSession({ written }: SessionName): MisuseError {
  return new MisuseError(
    `\`${written}\` can't be assigned. To end the session call \`await ${written}.destroy()\`, to empty it \`${written}.clear()\`.`,
  )
}
