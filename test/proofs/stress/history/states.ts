import type { Create, Save, SeenRecord } from './operation.ts'

/** What a version of a record is made of; the expiry, which changes without a new version, is judged by itself. */
export interface State {
  values: Readonly<Record<string, string>>
  createdAt: number
  owner: string | undefined
}

/** An operation that makes a version. */
export type Maker = Create | Save

export function stateOf({ values, createdAt, owner }: Omit<SeenRecord, 'version' | 'expiresAt'>): State {
  return { values, createdAt, owner }
}

/** The state that a maker leaves behind; `undefined` where it can't come next. */
export function stateAfter(before: State | undefined, maker: Maker): State | undefined {
  const { call } = maker
  if (call.verb === 'create') return before ? undefined : stateOf(call.record)
  if (!before) return undefined
  const values = { ...before.values }
  for (const key of call.change.delete ?? []) delete values[key]
  Object.assign(values, call.change.set)
  const { owner } = call.change
  return { ...before, values, owner: owner === undefined ? before.owner : (owner ?? undefined) }
}

export function isSame(a: State, b: State): boolean {
  return firstDifference(a, b) === undefined
}

/** Where two states differ, in words. */
export function firstDifference(wanted: State, found: State): string | undefined {
  const keys = new Set([...Object.keys(wanted.values), ...Object.keys(found.values)])
  for (const key of keys) {
    const [a, b] = [wanted.values[key], found.values[key]]
    if (a !== b) return `${key} is ${b ?? 'missing'}, and should be ${a ?? 'missing'}`
  }
  if (wanted.owner !== found.owner) {
    return `the owner is ${found.owner ?? 'none'}, and should be ${wanted.owner ?? 'none'}`
  }
  if (wanted.createdAt !== found.createdAt) {
    return `it was created at ${found.createdAt}, and should be at ${wanted.createdAt}`
  }
  return undefined
}
