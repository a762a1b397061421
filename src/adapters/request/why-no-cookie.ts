import type { SessionState } from '../../session/state.ts'
import type { Explicit } from './host.ts'

/** Why no cookie can follow: the response's head has left, or there is no response. */
export type NoCookie = 'begun' | 'no answer'

const NEW_ID: Record<NoCookie, string> = {
  begun:
    '`req.session.regenerate()` was called after the response had begun. No cookie can bring the client its new id ' +
    'any more, so nothing was done. Call it before you answer.',
  'no answer':
    '`req.session.regenerate()` was called at an upgrade, which has no answer that could carry a cookie with the new ' +
    'id to the client, so nothing was done. Call it in a request that is answered.',
}

const NEW_SESSION: Record<NoCookie, string> = {
  begun:
    'A new session was saved after the response had begun. No cookie can bring the client its id any more, so ' +
    'nothing was stored. Put something in the session before you answer; what is changed later can then be saved.',
  'no answer':
    'A new session was saved at an upgrade, which has no answer that could carry a cookie with its id to the client, ' +
    'so nothing was stored. Begin the session in a request that is answered; what is changed here can then be saved.',
}

/** Why this makes no sense where no cookie can follow, as an error says it; `undefined`: it does. */
export function whyNoCookie(what: Explicit, state: SessionState, why: NoCookie): string | undefined {
  if (what === 'regenerate') return NEW_ID[why]
  if (what === 'begin' && state.lastStored === undefined && !state.isGone) return NEW_SESSION[why]
  if ((what !== 'save' && what !== 'begin') || !state.needsCookie) return undefined
  return state.lastStored === undefined ? NEW_SESSION[why] : NEW_ID[why]
}
