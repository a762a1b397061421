import type { SessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import type { SaveResult } from '../../../src/contract/store.ts'
import type { MaybePromise } from '../../../src/contract/wait.ts'
import type { FileStore } from '../../../src/stores/file/file-store.ts'

/** One call of a store's verb by a process of the simulation. */
export type Operation =
  | { verb: 'create'; key: SessionKey; set?: Texts; expiresAt: number }
  | { verb: 'load' | 'exists' | 'delete'; key: SessionKey }
  | Save
  | { verb: 'sweep' | 'records' | 'close' }
  | Start
  | Clean

/** Opens a store in a directory that may not be there, unless the process has one open. */
export interface Start {
  verb: 'start'
}

/** Removes the manifest, drafts and shards that are empty, as somebody does who knows nothing of sessions. */
export interface Clean {
  verb: 'clean'
}

export interface Save {
  verb: 'save'
  key: SessionKey
  set?: Texts
  delete?: readonly string[]
  expiresAt?: number
  owner?: string | null
  /** Only if the record still is as this process last saw it. */
  conditional?: boolean
}

export type Texts = Readonly<Record<string, string>>
export type Verb = Operation['verb']

/** What an operation came to. `cause` is the code of the system's error behind it. */
export type Outcome =
  | { value: unknown }
  | { error: string; cause: string | undefined; message: string; untorn: boolean }

/** What a process remembers from one operation to the next: the version of each record that it saw last. */
export class Memory {
  readonly versions = new Map<SessionKey, number>()

  saw(key: SessionKey, record: SessionRecord | undefined): void {
    if (record) this.versions.set(key, record.version)
  }
}

/** The version that a save names, if it does. */
export function ifVersionOf(operation: Operation, memory: Memory): number | undefined {
  if (operation.verb !== 'save' || !operation.conditional) return undefined
  return memory.versions.get(operation.key) ?? 0
}

export function perform(
  store: FileStore,
  operation: Exclude<Operation, Start | Clean>,
  memory: Memory,
): MaybePromise<unknown> {
  switch (operation.verb) {
    case 'create': {
      const { key, set, expiresAt } = operation
      return store.create(key, { values: textsOf(set), createdAt: 1, expiresAt })
    }
    case 'load':
      return store.load(operation.key)
    case 'exists':
      return store.exists(operation.key)
    case 'delete':
      return store.delete(operation.key)
    case 'save':
      return save(store, operation, ifVersionOf(operation, memory))
    case 'sweep':
      return store.clearExpired()
    case 'records':
      return listed(store)
    case 'close':
      return store.close()
  }
}

function save(store: FileStore, operation: Save, ifVersion: number | undefined): MaybePromise<SaveResult> {
  const { key, set, delete: deleted, expiresAt, owner } = operation
  const change = {
    ...(set && { set: textsOf(set) }),
    ...(deleted && { delete: deleted }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(owner !== undefined && { owner }),
  }
  return store.save(key, change, ifVersion === undefined ? {} : { ifVersion })
}

async function listed(store: FileStore): Promise<Map<SessionKey, SessionRecord>> {
  const all = new Map<SessionKey, SessionRecord>()
  for await (const [key, record] of store.records()) all.set(key, record)
  return all
}

/** Takes note of the record that an operation answered. */
export function remember(memory: Memory, operation: Operation, value: unknown): void {
  if (operation.verb === 'load') memory.saw(operation.key, value as SessionRecord | undefined)
  if (operation.verb === 'save' && (value as SaveResult).outcome !== 'gone') {
    memory.saw(operation.key, (value as { record: SessionRecord }).record)
  }
  if (operation.verb === 'create' && value === true) memory.versions.set(operation.key, 0)
}

export function failed(error: unknown): Outcome {
  const { code, message, cause } = error as { code?: string; message: string; cause?: { code?: string } }
  return {
    error: code ?? String(error),
    cause: cause?.code,
    message,
    untorn: code?.startsWith('UNTORN_') ?? false,
  }
}

const textsOf = (texts: Texts = {}): Map<string, string> => new Map(Object.entries(texts))
