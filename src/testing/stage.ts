import assert from 'node:assert/strict'
import type { SessionStore } from '../contract/store.ts'
import type { MaybePromise } from '../contract/wait.ts'
import type { Check } from './case.ts'

export interface Factory<Store extends SessionStore> {
  open(): MaybePromise<Store>
  reopen?(store: Store): MaybePromise<SessionStore>
}

/** Runs a check on fresh stores, and closes them whatever comes of it. */
export async function onStage<Store extends SessionStore>(
  factory: Factory<Store>,
  objects: 'one' | 'two',
  check: Check,
): Promise<void> {
  const opened: SessionStore[] = []
  const open = async () => {
    const store = await factory.open()
    opened.push(store)
    return store
  }
  const reopen = async (store: Store) => {
    assert.ok(factory.reopen, 'this case needs the option `reopen`')
    const again = await factory.reopen(store)
    opened.push(again)
    return again
  }
  const closeAll = async () => {
    for (const store of opened.reverse()) await store.close()
  }
  try {
    const here = await open()
    await check({ here, there: objects === 'two' ? await reopen(here) : here, open })
  } catch (failure) {
    // What failed first explains a close that fails after it.
    await closeAll().catch(() => {})
    throw failure
  }
  await closeAll()
}
