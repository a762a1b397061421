import { MisuseError } from '../errors.ts'
import type { SessionState } from './state.ts'

/** What a warning and an error say of a cookie for https in a request that came without it. */
const WHY =
  'it is for https only, and the request did not come over https. If a proxy ends TLS before this server, say that it is ' +
  "trusted (Express: app.set('trust proxy', 1); node:http: trustProxy: true). For development without https set " +
  "cookie.secure to 'auto'."

export const COOKIE_WITHHELD = `The session cookie was not sent, and what needs it was not stored: ${WHY}`

export function tellWithheld({ policy }: SessionState): void {
  policy.report({ type: 'cookie-withheld' })
  policy.warnWithheld()
}

/** What is not sent leaves nobody signed in, and must not look as if it did. */
export function refuseWithheld({ policy, secure }: SessionState): void {
  if (!policy.cookie.withheld(secure)) return
  policy.report({ type: 'cookie-withheld' })
  throw new MisuseError(`Nobody was signed in, as the session cookie would not be sent: ${WHY}`)
}
