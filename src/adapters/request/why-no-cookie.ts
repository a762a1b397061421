import type { SessionState } from '../../session/state.ts'
import type { Explicit } from './host.ts'

/**
 * Why no cookie can follow: the response's head has left, an error is answered in its place, there is no response, or there is no
 * request at all but a message of a socket.
 */
export type NoCookie = 'begun' | 'failed' | 'no answer' | 'message'

const NEW_ID: Record<NoCookie, string> = {
  begun:
    'was called after the response had begun. No cookie can bring the client its new id any more, so nothing was done. Call ' +
    'it before you answer.',
  failed:
    'was called while an error was answered, as the session could not be saved. Its answer carries no new id, so nothing was ' +
    'done. Call it in the next request.',
  'no answer':
    'was called at an upgrade, which has no answer that could carry a cookie with the new id to the client, so nothing was ' +
    'done. Call it in a request that is answered.',
  message:
    'was called for a message of a socket, to which no cookie with the new id can be the answer, so nothing was done. Let the ' +
    'page make a request that does it; the socket is closed then, and the page opens another one.',
}

/** What gives a session a new id. */
const VERBS: Partial<Record<Explicit, string>> = {
  login: 'login',
  confirm: 'confirm',
  regenerate: 'regenerate',
}

const NEW_SESSION: Record<NoCookie, string> = {
  begun:
    'A new session was saved after the response had begun. No cookie can bring the client its id any more, so ' +
    'nothing was stored. Put something in the session before you answer; what is changed later can then be saved.',
  failed:
    'A new session was saved while an error was answered, as it could not be saved before. The answer carries no cookie ' +
    'with its id, so nothing was stored. Begin it in the next request.',
  'no answer':
    'A new session was saved at an upgrade, which has no answer that could carry a cookie with its id to the client, ' +
    'so nothing was stored. Begin the session in a request that is answered; what is changed here can then be saved.',
  message:
    'Something was put into the session of a visitor who has none, for a message of a socket. No cookie can bring the client ' +
    'its id, so nothing was stored. Begin the session in a request, before the page opens the socket.',
}

const NEW_EXPIRY: Record<NoCookie, string> = {
  begun:
    'A session that `setExpiry()` has given another expiry was saved after the response had begun. No cookie can tell the ' +
    'browser of it any more, so nothing was saved. Call it before you answer.',
  failed:
    'A session that `setExpiry()` has given another expiry was saved while an error was answered, as it could not be ' +
    'saved before. The answer carries no cookie that tells the browser of it, so nothing was saved. Call it in the next ' +
    'request.',
  'no answer':
    'A session that `setExpiry()` has given another expiry was saved at an upgrade, which has no answer that could carry ' +
    'a cookie that tells the browser of it, so nothing was saved. Call it in a request that is answered.',
  message:
    '`setExpiry()` was called for a message of a socket. No cookie can tell the browser of the other expiry, so nothing was ' +
    'saved. Call it in a request.',
}

/** Why this makes no sense where no cookie can follow, as an error says it; `undefined`: it does. */
export function whyNoCookie(what: Explicit, state: SessionState, why: NoCookie): string | undefined {
  const verb = VERBS[what]
  if (verb !== undefined) return newId(verb, why)
  if (what === 'begin' && state.lastStored === undefined && !state.isGone) return NEW_SESSION[why]
  if (what !== 'save' && what !== 'begin') return undefined
  if (!state.needsCookie) return state.changesCookie ? NEW_EXPIRY[why] : undefined
  return state.lastStored === undefined ? NEW_SESSION[why] : newId('regenerate', why)
}

function newId(verb: string, why: NoCookie): string {
  return `\`${why === 'message' ? '' : 'req.'}session.${verb}()\` ${NEW_ID[why]}`
}
