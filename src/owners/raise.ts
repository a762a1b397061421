import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { StoreUnavailableError } from '../errors.ts'
import { type Epoch, firstValues, raised } from './record.ts'
import type { Registry } from './registry.ts'

const MOST_TRIES = 10

/**
 * Changes an owner's record, or makes it. The one that comes of it. A record may end between a save and a creation, and another
 * one may be made: then it is tried again.
 */
export function* saveOrCreate(
  { store }: Registry,
  key: SessionKey,
  change: { readonly set: ReadonlyMap<string, string>; readonly delete?: readonly string[] },
  times: { readonly now: number; readonly expiresAt: number },
  firstTry: 'save' | 'create',
): Steps<SessionRecord> {
  const { now, expiresAt } = times
  const record = { values: firstValues(change.set), createdAt: now, expiresAt }
  for (let tries = 0, how = firstTry; tries < MOST_TRIES; tries++) {
    if (how === 'save') {
      const result = yield* settled(store.save(key, { ...change, expiresAt }))
      if (result.outcome === 'saved') return result.record
      how = 'create'
    } else {
      if (yield* settled(store.create(key, record))) return { ...record, version: 0 }
      how = 'save'
    }
  }
  throw new StoreUnavailableError(
    `The store says of one record that it is gone and that its key is taken, ${MOST_TRIES} times; it can't be working.`,
  )
}

/** Raises the epoch of a record, so that whatever was entered under another is not valid. The record that comes of it. */
export function raise(
  registry: Registry,
  key: SessionKey,
  epoch: Epoch,
  expiresAt: number,
): Steps<SessionRecord> {
  return saveOrCreate(registry, key, { set: raised(epoch) }, { now: epoch.raisedAt, expiresAt }, 'save')
}
