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
  const opened: (() => MaybePromise<void>)[] = []
  onTestFinished(async () => {
    for (const close of opened) await close()
  })
  return async (options) => {
    const store = await openStore()
    let close = () => store.close()
    opened.push(() => close())
    const shop = new Shop(store, options)
    close = () => shop.sessions.close()
    return shop
  }
}
