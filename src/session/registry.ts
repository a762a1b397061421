import { type SessionKey, shortKey } from '../contract/key.ts'
import type { SessionStore } from '../contract/store.ts'
import type { EndedBecause, Registry } from '../owners/registry.ts'
import { goneBecause } from '../owners/why-ended.ts'
import type { Afterwards } from './afterwards.ts'
import type { Clock } from './clock.ts'
import type { Ends } from './ends.ts'
import type { OnEvent } from './events.ts'

/** Owners' records in the store of the sessions, by its clock; who is listening hears of each session that ends for them. */
export function registryOf(of: {
  readonly settings: { readonly lifetime: number; readonly app: string | undefined }
  readonly store: SessionStore
  readonly clock: Clock
  readonly afterwards: Afterwards
  readonly ends: Ends
  readonly report: OnEvent
}): Registry {
  const { settings, store, clock, afterwards, ends, report } = of
  return {
    store,
    app: settings.app,
    clock,
    lifetime: settings.lifetime,
    ended(key, owner, why) {
      report(endOf(key, owner, why))
      ends.tell(key, goneBecause(why))
    },
    later: (steps) => afterwards.begin(steps),
  }
}

function endOf(key: SessionKey, owner: string, why: EndedBecause): Parameters<OnEvent>[0] {
  const ended = { key: shortKey(key), owner }
  return why === 'signed-out' ? { type: 'signed-out', ...ended } : { type: 'revoked', ...ended, why }
}
