import type { Session } from '../../session/session.ts'
import type { Explicit } from './session-methods.ts'

/** Why this makes no sense any more when no cookie can follow, as an error says it; `undefined`: it does. */
export function withoutCookie<Data extends object>(
  what: Explicit,
  session: Session<Data>,
): string | undefined {
  if (what === 'regenerate') {
    return (
      '`req.session.regenerate()` was called after the response had begun. No cookie can bring the client its new id ' +
      'any more, so nothing was done. Call it before you answer.'
    )
  }
  if (what === 'save' && session.isNew && session.changed) {
    return (
      'A new session was saved after the response had begun. No cookie can bring the client its id any more, so ' +
      'nothing was stored. Put something in the session before you answer; what is changed later can then be saved.'
    )
  }
  return undefined
}
