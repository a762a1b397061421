import { describe, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import type { MaybePromise } from '../../src/contract/wait.ts'
import { whole } from '../support/whole.ts'
import { cases } from './cases.ts'
import { type OpenShop, Shop } from './shop.ts'

/** Where the sessions of one test are: a store over them at each call, as another process has it. */
export type Place = () => MaybePromise<() => MaybePromise<SessionStore>>

/** Every case over one kind of store; with `oneOfEach` in the short run one of each kind, the last. */
export function testAccounts(place: Place, { oneOfEach = false }: { oneOfEach?: boolean } = {}): void {
  for (const [kind, all] of Object.entries(cases)) {
    const named = Object.entries(all)
    describe(kind, () => {
      for (const [name, run] of oneOfEach && !whole ? named.slice(-1) : named) {
        test(name, async () => run(shopsAt(await place())))
      }
    })
  }
}

function shopsAt(openStore: () => MaybePromise<SessionStore>): OpenShop {
  const shops: Shop[] = []
  onTestFinished(async () => {
    for (const { sessions } of shops) await sessions.close()
  })
  return async (options) => {
    const shop = new Shop(await openStore(), options)
    shops.push(shop)
    return shop
  }
}
