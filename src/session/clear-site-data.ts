import type { ClearSiteData } from './clearable.ts'
import type { SessionState } from './state.ts'

/**
 * What the browser is to clear, by the option `clearSiteData`: something only where the request has signed a visitor out. One
 * who had no cookie has signed nobody out: a page of another site can send such requests, and must not clear anything.
 */
export function dataToClear({
  signedOut,
  destroyed,
  isDetached,
  policy,
}: SessionState): readonly ClearSiteData[] {
  return signedOut && destroyed === undefined && !isDetached ? policy.settings.clearSiteData : NOTHING
}

const NOTHING: readonly ClearSiteData[] = []
