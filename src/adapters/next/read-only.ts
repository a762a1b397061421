import type { SessionMethods } from '../request/session-methods.ts'

/** What of a session's methods changes nothing, or changes it in the store and at once, so that no cookie has to follow. */
type Reading =
  | 'get'
  | 'has'
  | 'keys'
  | 'entries'
  | 'toJSON'
  | 'id'
  | 'isNew'
  | 'owner'
  | 'authenticatedAt'
  | 'requireFresh'
  | 'createdAt'
  | 'expiresAt'
  | 'expiresIn'
  | 'devices'
  | 'take'
  | 'flashes'
  | typeof Symbol.iterator

/** A value that nobody is to change in place, as nothing saves it. */
export type Unchanging<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends ReadonlyMap<infer Key, infer Value>
    ? ReadonlyMap<Unchanging<Key>, Unchanging<Value>>
    : T extends ReadonlySet<infer Value>
      ? ReadonlySet<Unchanging<Value>>
      : T extends object
        ? { readonly [Key in keyof T]: Unchanging<T[Key]> }
        : T

/**
 * The session of a component: its values as plain properties, and what reads. `take()` and `flashes()` are there too: what they
 * give is gone from the store at once.
 */
export type ReadonlySession<Data extends object> = Pick<SessionMethods<ReadonlyData<Data>>, Reading> & {
  readonly [Key in keyof Data as Key extends keyof SessionMethods ? never : Key]?: Unchanging<Data[Key]>
}

type ReadonlyData<Data extends object> = { [Key in keyof Data]: Unchanging<Data[Key]> }
