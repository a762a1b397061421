import type { IncomingMessage } from 'node:http'
import { MisuseError } from '../../errors.ts'
import { needed } from '../../options/checks.ts'
import { assignedSession } from '../request/mistakes.ts'
import type { PlainSession } from '../request/plain-session.ts'
import type { RequestSession } from '../request/request-session.ts'
import { type SessionName, sessionName } from '../request/session-name.ts'
import { lookWhoAsks } from './stood-aside.ts'

/** The session of a request of Node.js, whatever its values are. */
export type OnRequest = RequestSession<object, IncomingMessage>

/** The property by which a request shows one of its sessions. */
export interface SessionProperty extends SessionName {
  /** Where the request keeps the session itself. */
  readonly slot: symbol
  readonly session: PropertyDescriptor
  /** `req.sessionID`, for code that was written for express-session: of `req.session` alone. */
  readonly id: PropertyDescriptor | undefined
}

/** What a request keeps its sessions in: by symbols, one for each property. */
export type Slots = { [slot: symbol]: OnRequest | undefined }

const made = new Map<string, SessionProperty>()

/** The same for every application, as requests that pass through several keep one shape. */
export function sessionProperty(as: unknown = 'session'): SessionProperty {
  const known = made.get(as as string)
  if (known !== undefined) return known
  const name = sessionName('req', as)
  if (isOfEveryRequest(name.as)) throw needed('as', 'a name that a request has no property of', as)
  const property = newProperty(name)
  made.set(name.as, property)
  return property
}

/** `node:http` is loaded for who asks for a name: whoever imports untorn and serves nothing does without. */
function isOfEveryRequest(name: string): boolean {
  if (name === 'session') return false
  return name === 'sessionID' || name in process.getBuiltinModule('node:http').IncomingMessage.prototype
}

/** Where a request keeps the session of a name. Of every copy of this code (across-copies.ts): each finds what another one did. */
export function slotOf({ own }: SessionName): symbol {
  return Symbol.for(own === undefined ? 'untorn.request' : `untorn.request.${own}`)
}

function newProperty(name: SessionName): SessionProperty {
  const slot = slotOf(name)
  const set = () => {
    throw assignedSession(name)
  }
  // Not enumerable: whoever copies or logs a request does not mean to open its session.
  const shows = (of: (session: OnRequest) => unknown): PropertyDescriptor => ({
    get(this: Slots) {
      return of(this[slot]!)
    },
    set,
    configurable: true,
  })
  if (name.own !== undefined) return { ...name, slot, session: shows(({ plain }) => plain), id: undefined }
  const session = { get: askedFor, set, configurable: true }
  return { ...name, slot, session, id: shows(({ plain }) => plain.id) }

  function askedFor(this: Slots) {
    lookWhoAsks(askedFor)
    return this[slot]!.plain
  }
}

/**
 * The session of a request, with the type that its values have: `sessionOf<{ views: number }>(req).views`. It is what
 * `req.session` is, or with the name of the option `as` what that property is.
 *
 * Throws `MisuseError` (`UNTORN_MISUSE`) where `sessions()` has not seen the request.
 */
export function sessionOf<Data extends object>(req: object, as = 'session'): PlainSession<Data> {
  const session = (req as Slots)[sessionProperty(as).slot]
  if (session === undefined) {
    const how = as === 'session' ? '`sessions()`' : `\`sessions({ as: '${as}' })\``
    throw new MisuseError(
      `This request has no \`req.${as}\`. Mount ${how} in front of what asks for it, and give the request that it has seen.`,
    )
  }
  return session.plain as unknown as PlainSession<Data>
}
