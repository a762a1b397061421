import type { RequestContext } from './request-context.ts'
import type { SessionState } from './state.ts'

/*
 * Browsers keep a cookie with SameSite back from most requests that a page of another site causes, and take the cookie that
 * is set by the answer to a form all the same. So a visitor who is signed in seems to have no session there; and if
 * one began, its cookie would take the place of theirs: any page could sign them out, with a form to any handler that puts
 * something in the session, the token of an error page included.
 */

/**
 * A session is about to begin, and its cookie could take the place of one that the client has and did not send.
 *
 * Not so where the handler has asked for a new id: a sign-in may come from another site (SAML, `form_post`), and is to take
 * the place of whatever was there. Nor where the client's cookie goes anyway, after `destroy()`.
 */
export function wouldReplaceUnseen(state: SessionState): boolean {
  const { standing } = state
  const begins = standing.kind === 'fresh' || (standing.kind === 'replaced' && !standing.late)
  if (!begins || state.signsIn || state.cookieDue !== undefined || !state.hasContent) return false
  return !state.policy.cookie.comesFromOtherSites && comesFromOtherSite(state.context)
}

/**
 * A page of another site has caused the request, and it is not what `SameSite=Lax` makes an exception of: a link that is
 * followed, in a tab of its own. Who follows one has come to stay, and a session may begin. Where a browser says nothing
 * (an old one, a program, a site without https) nothing is known.
 */
function comesFromOtherSite(context: RequestContext | undefined): boolean {
  return context?.fetchSite === 'cross-site' && !isFollowedLink(context)
}

/** As RFC 6265bis has it, which says "safe method": GET, or HEAD. */
const SAFE = /^(GET|HEAD)$/i

/**
 * What is shown within another page gets no cookie, though a frame is navigated as a tab is. (It is not asked for `document`: a
 * service worker that passes a link on makes it `empty`.)
 */
const WITHIN_A_PAGE: ReadonlySet<unknown> = new Set(['iframe', 'frame', 'fencedframe', 'embed', 'object'])

function isFollowedLink({ method, fetchMode, fetchDest }: RequestContext): boolean {
  return SAFE.test(method ?? '') && (fetchMode ?? 'navigate') === 'navigate' && !WITHIN_A_PAGE.has(fetchDest)
}
