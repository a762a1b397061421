/** What the header `Clear-Site-Data` can name. `*` is all of it, and whatever browsers add. */
export type ClearSiteData =
  | 'cache'
  | 'clientHints'
  | 'cookies'
  | 'executionContexts'
  | 'prefetchCache'
  | 'prerenderCache'
  | 'storage'
  | '*'

/** Each of them. */
export const CLEARABLE: readonly ClearSiteData[] = [
  'cache',
  'clientHints',
  'cookies',
  'executionContexts',
  'prefetchCache',
  'prerenderCache',
  'storage',
  '*',
]
