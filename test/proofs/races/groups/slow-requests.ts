import type { Action } from '../actions.ts'

/** What a slow request may be up to while its session ends: each reaches the store in another way. */
export const slowRequests: readonly { what: string; action: Action; value?: unknown }[] = [
  { what: 'sets a value', action: 'set', value: { draft: 1 } },
  { what: 'counts with update()', action: 'count' },
  { what: 'puts something in a merged cart', action: 'buy', value: 'sugar' },
  { what: 'deletes a value', action: 'drop', value: 'cart' },
]

/** What is in the session that they meet. */
export const contents = { user: 'ada', views: 1, cart: ['tea'] }
