import type { ClearSiteData } from './clearable.ts'
import type { SessionState } from './state.ts'

/**
 * What the browser is to clear, by the option `clearSiteData`: something only where the request has signed a visitor out. One
 * who had no cookie has signed nobody out: a page of another site can send such requests, and must not clear anything. Where
 * another session has begun since, somebody's sign-in perhaps, its cookie must not be cleared by the answer that brings it.
 */
export function dataToClear({
  signedOut,
  destroyed,
  isDetached,
  lastStored,
  policy,
}: SessionState): readonly ClearSiteData[] {
  if (!signedOut || destroyed !== undefined || isDetached) return NOTHING
  const { clearSiteData } = policy.settings
  return lastStored === undefined ? clearSiteData : clearSiteData.filter((each) => !COOKIES.has(each))
}

const NOTHING: readonly ClearSiteData[] = []

/** What takes cookies along. */
const COOKIES: ReadonlySet<ClearSiteData> = new Set(['cookies', '*'])
