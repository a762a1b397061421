import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { after, type MaybePromise, run, type Steps } from '../contract/wait.ts'
import { reservedKeys } from '../values/data.ts'
import { newSignIn, ofOwner, signInText } from './belonging.ts'
import { type Entering, enterNext, enterSignIn, forget, lookBefore, withdraw } from './enter.ts'
import { entryName } from './record.ts'
import type { Registry } from './registry.ts'

/** A session of another library that is to be stored under an id of ours, as far as its owner has to know. */
export interface Adopted {
  /** What its record says besides. */
  readonly values: ReadonlyMap<string, string>
  /** Makes it known to its owner, once it is stored. `false`: their sessions were ended meanwhile, this with them. */
  enter(key: SessionKey): MaybePromise<boolean>
  /** Takes that back. */
  withdraw(key: SessionKey): void
}

const NOBODYS: Adopted = {
  values: new Map(),
  enter: () => true,
  withdraw() {},
}

/** When they were last asked who they are: long enough ago that whoever needs it lately asks once more. */
const NOBODY_KNOWS = 0

/**
 * A session of an owner's that no sign-in of ours has made: it gets one, as of when it began, so that it is among their devices
 * and ends with them. `undefined`: all that they had was ended since.
 */
export function* enterAdopted(
  registry: Registry,
  old: SessionRecord & { readonly key: SessionKey },
): Steps<Adopted | undefined> {
  const { owner, createdAt, key: oldKey } = old
  if (owner === undefined) return NOBODYS
  const own = ofOwner(old)
  if (own !== undefined) {
    return {
      values: NOBODYS.values,
      enter: (key) => isThere(run(enterNext(registry, own, key))),
      withdraw: (key) => forget(registry, owner, [entryName(own.signIn, key)]),
    }
  }
  const before = yield* lookBefore(registry, owner)
  if (before.revokedAt >= createdAt) return undefined
  const signIn = newSignIn(undefined, oldKey)
  const { application } = before
  const text = signInText({ signIn, authenticatedAt: NOBODY_KNOWS, application, app: registry.app })
  const entering = (key: SessionKey): Entering => ({ owner, signIn, key, about: undefined })
  return {
    values: new Map([[reservedKeys.signIn, text]]),
    enter: (key) => isThere(run(enterSignIn(registry, entering(key), before))),
    withdraw: (key) => withdraw(registry, entering(key)),
  }
}

function isThere(record: MaybePromise<unknown>): MaybePromise<boolean> {
  return after(record, (found) => found !== undefined)
}
