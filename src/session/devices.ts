import type { SessionRecord } from '../contract/record.ts'
import { after, run } from '../contract/wait.ts'
import { invalidArgument } from '../errors.ts'
import { familyOf, signInOf } from '../owners/belonging.ts'
import { ownerKey } from '../owners/keys.ts'
import { OwnerRecord, type SignIn } from '../owners/record.ts'
import { inSlices, othersFirst } from '../owners/slices.ts'
import { loadSession } from './moved.ts'
import type { Policy } from './policy.ts'

/** Where somebody is signed in. */
export interface Device {
  /**
   * What `session.revoke(handle)` and `sessions.revoke(owner, handle)` end it by. It is no id and no key, and opens nothing. A new
   * id leaves it as it is.
   */
  readonly handle: string
  /** When they signed in, in milliseconds since the epoch by the store's clock. */
  readonly createdAt: number
  /** When they were last asked who they are: `login()` or `confirm()`. 0: nobody knows, as another library has signed them in. */
  readonly authenticatedAt: number
  /** When it was last used, exact to a tenth of the idle timeout: a later use may not have been noted. */
  readonly lastUsedAt: number
  /** Until when it lives if nobody uses it again. */
  readonly expiresAt: number
  /** It is that of the session that asks. */
  readonly current: boolean
  /** What the option `describe` said when they signed in. */
  readonly about: unknown
}

/** All of something, for `await`, or one after the other, for `for await`. What nobody waits for ends no process. */
export class Listed<T> extends Promise<T[]> implements AsyncIterable<T> {
  // What `then` makes is for others to handle.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  constructor(work: Promise<T[]>) {
    super((resolve, reject) => work.then(resolve, reject))
    super.catch(() => {})
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    yield* await this
  }
}

/** The devices of an owner, those that were last signed in on first. `current`: the sign-in of who asks. */
export async function devicesOf(policy: Policy, owner: string, current?: string): Promise<Device[]> {
  const { store, app } = policy
  const found = await store.load(ownerKey(app, owner))
  if (found === undefined) return []
  const now = await policy.clock.now()
  const record = new OwnerRecord(found)
  await run(othersFirst(record))
  const devices = new Map<string, { rank: number; device: Device }>()
  const add = ({ signIn, rank, about }: SignIn, session: SessionRecord | undefined): void => {
    if (session === undefined || session.owner !== owner || policy.expiry.isOver(session, now)) return
    const handle = familyOf(signIn)
    if ((devices.get(handle)?.rank ?? 0) > rank) return
    const isCurrent = current !== undefined && familyOf(current) === handle
    devices.set(handle, { rank, device: deviceOf(policy, handle, session, isCurrent, about) })
  }
  await run(
    inSlices(record.entries, ({ signIn, key }) => {
      const of = record.validOf(signIn)
      return of && after(loadSession(store, key), (session) => add(of, session))
    }),
  )
  return [...devices.values()].sort((a, b) => b.rank - a.rank).map(({ device }) => device)
}

function deviceOf(
  { expiry, clock }: Policy,
  handle: string,
  record: SessionRecord,
  current: boolean,
  about: unknown,
): Device {
  const { createdAt, expiresAt, values } = record
  const authenticatedAt = signInOf(values)?.authenticatedAt ?? createdAt
  const lastUsedAt = expiry.usedAt(record, clock.known)
  return { handle, createdAt, authenticatedAt, lastUsedAt, expiresAt, current, about }
}

/** Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`). */
export function assertHandle(handle: unknown): asserts handle is string {
  if (typeof handle !== 'string') throw invalidArgument('handle', 'the handle of a device is needed, a text')
}
