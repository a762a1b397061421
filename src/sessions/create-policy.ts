import type { SessionStore } from '../contract/store.ts'
import { turnsOf } from '../contract/turns.ts'
import { run } from '../contract/wait.ts'
import { IdCookie } from '../cookie/cookie.ts'
import { reporter } from '../events/reporter.ts'
import { warningOnce } from '../events/warn-once.ts'
import { Afterwards } from '../session/afterwards.ts'
import { Clock } from '../session/clock.ts'
import { lookForEnd } from '../session/end-look.ts'
import { Ends } from '../session/ends.ts'
import type { SessionEvent } from '../session/events.ts'
import { Expiry } from '../session/expiry.ts'
import type { Policy } from '../session/policy.ts'
import { registryOf } from '../session/registry.ts'
import { COOKIE_WITHHELD } from '../session/withheld.ts'
import { createCodec } from '../values/serialise.ts'
import type { CheckedOptions } from './options.ts'

const CROSS_SITE =
  'A session was to begin in a request that a page of another site has caused. It was not stored, and no cookie was sent: ' +
  'such a request comes without the cookie of a visitor who has one, and a new one would take its place. A sign-in that ' +
  'comes from another site (SAML, form_post) calls `session.login()` or `session.rotate()`. Where pages of other sites embed this one, set ' +
  "`cookie.sameSite: 'none'`. Of others the event `cross-site` tells; see the option `onEvent`."

const COOKIE_LAX =
  "The session cookie was sent as SameSite=Lax and not as `cookie.sameSite: 'none'` says: browsers take None over https " +
  'alone, and the request did not come over https. Pages of other sites get no session. Serve it over https; if a proxy ends ' +
  "TLS before this server, say that it is trusted (Express: app.set('trust proxy', 1); node:http: trustProxy: true)."

/**
 * What all sessions of one application share, by its options. Throws `CookieTooLargeError`, and what the store throws where it is set up.
 */
export function createPolicy(settings: CheckedOptions, defaultStore: () => SessionStore): Policy {
  const cookie = new IdCookie(settings.cookie, settings.lifetime)
  const report =
    settings.onEvent === undefined ? () => {} : reporter<SessionEvent>(settings.onEvent, 'untorn')
  // Nothing is opened on the disk for options that are wrong: what comes behind this can't fail.
  const store = settings.store ?? defaultStore()
  const clock = new Clock(store)
  const now = () => clock.known
  const codec = createCodec({
    now,
    serializer: settings.serializer,
    maxDepth: settings.maxDepth,
    report: (error) => report({ type: 'error', error }),
  })
  const afterwards = new Afterwards((error) => report({ type: 'error', error }))
  const ends = new Ends({ look: (seen) => run(lookForEnd(policy, seen)), report })
  const policy: Policy = {
    settings,
    registry: registryOf({ settings, store, clock, afterwards, ends, report }),
    afterwards,
    limit: settings.limit,
    describe: settings.describe,
    store,
    app: settings.app,
    clock,
    turns: turnsOf(store),
    cookie,
    rules: { codec, merges: settings.merges, now },
    expiry: new Expiry(settings, codec),
    ends,
    report,
    warnWithheld: warningOnce('UNTORN_COOKIE_WITHHELD', COOKIE_WITHHELD),
    warnCrossSite: warningOnce('UNTORN_CROSS_SITE', CROSS_SITE),
    warnWeakened: warningOnce('UNTORN_COOKIE_LAX', COOKIE_LAX),
  }
  return policy
}
