/*
 * The store of the model: what src/contract promises, in one place and without time to wait. Each call is one
 * step that nobody divides. Worlds are never changed: a call makes another one, and of two that are alike
 * there is one.
 */

export type Values = Readonly<Record<string, unknown>>

export interface Stored {
  readonly version: number
  readonly values: Values
  readonly owner: string | null
  readonly createdAt: number
  /** In ticks; it is gone from then on. */
  readonly expiresAt: number
}

export interface Change {
  readonly set?: Values
  readonly delete?: readonly string[]
  readonly expiresAt?: number
  readonly ifVersion?: number
}

export type Saved =
  | { readonly outcome: 'saved' | 'conflict'; readonly record: Stored }
  | { readonly outcome: 'gone' }

interface Asked {
  readonly load: { readonly key: string }
  readonly create: { readonly key: string; readonly record: Omit<Stored, 'version'> }
  readonly save: { readonly key: string; readonly change: Change }
  readonly delete: { readonly key: string }
  /** The keys of all sessions. */
  readonly list: { readonly key?: undefined }
  /** Looks at the clock that tells which of two came first. No two looks see the same. */
  readonly moment: { readonly key?: undefined }
  /** Lets a tick go by, of the clock that things expire by. */
  readonly pass: { readonly key?: undefined }
}

interface Answers {
  readonly load: Stored | undefined
  readonly create: boolean
  readonly save: Saved
  readonly delete: boolean
  readonly list: readonly string[]
  readonly moment: number
  readonly pass: undefined
}

export type Kind = keyof Asked
export type CallOf<K extends Kind> = { readonly kind: K } & Asked[K]
export type Call = { [K in Kind]: CallOf<K> }[Kind]
export type AnswerTo<C> = C extends { readonly kind: infer K extends Kind } ? Answers[K] : never
export type Answer = Answers[Kind]

export const load = (key: string): CallOf<'load'> => ({ kind: 'load', key })
export const remove = (key: string): CallOf<'delete'> => ({ kind: 'delete', key })
export const save = (key: string, change: Change): CallOf<'save'> => ({ kind: 'save', key, change })
export const create = (key: string, record: Omit<Stored, 'version'>): CallOf<'create'> => ({
  kind: 'create',
  key,
  record,
})

export interface World {
  readonly id: number
  readonly records: Readonly<Record<string, Stored>>
  readonly now: number
  readonly moment: number
}

/** What a load finds. */
export function found({ records, now }: World, key: string): Stored | undefined {
  const record = records[key]
  return record !== undefined && record.expiresAt > now ? record : undefined
}

type Next = Omit<World, 'id'>

function answered(world: World, call: Call): [Next, Answer] {
  const { records, now, moment } = world
  const record = call.key === undefined ? undefined : found(world, call.key)
  const put = (key: string, stored: Stored) => ({ ...world, records: { ...records, [key]: stored } })
  switch (call.kind) {
    case 'load':
      return [world, record]
    case 'create':
      return record === undefined ? [put(call.key, { version: 0, ...call.record }), true] : [world, false]
    case 'delete': {
      const { [call.key]: _, ...others } = records
      return [{ ...world, records: others }, record !== undefined]
    }
    case 'save': {
      if (record === undefined) return [world, { outcome: 'gone' }]
      const { ifVersion } = call.change
      if (ifVersion !== undefined && ifVersion !== record.version)
        return [world, { outcome: 'conflict', record }]
      const next = changed(record, call.change)
      return [put(call.key, next), { outcome: 'saved', record: next }]
    }
    case 'list':
      return [world, Object.keys(records).filter((key) => key.startsWith('K') && found(world, key))]
    case 'moment':
      return [{ ...world, moment: moment + 1 }, moment + 1]
    case 'pass':
      return [{ ...world, now: now + 1 }, undefined]
  }
}

function changed(record: Stored, { set = {}, delete: names = [], expiresAt }: Change): Stored {
  const values: Record<string, unknown> = { ...record.values, ...set }
  for (const name of names) delete values[name]
  const isTouch = Object.keys(set).length + names.length === 0
  return {
    ...record,
    values,
    expiresAt: expiresAt ?? record.expiresAt,
    version: record.version + (isTouch ? 0 : 1),
  }
}

/** What calls and answers are known by: those that are alike have the same number. */
export class Names {
  readonly #known = new Map<string, number>()

  of(thing: unknown): number {
    const text = JSON.stringify(thing) ?? ''
    let name = this.#known.get(text)
    if (name === undefined) {
      name = this.#known.size
      this.#known.set(text, name)
    }
    return name
  }
}

/** What a call comes to. */
interface Result {
  readonly world: World
  readonly answer: Answer
  /** Of the answer. */
  readonly name: number
}

/** All worlds that were met. Calls are answered by memory where they were asked before: most are. */
export class Worlds {
  readonly #known = new Map<string, World>()
  readonly #results = new Map<string, Result>()
  readonly #names = new Names()

  begin(records: Readonly<Record<string, Stored>>): World {
    return this.#one({ records, now: 0, moment: 0 })
  }

  /** `name`: of the call. */
  ask(world: World, call: Call, name: number): Result {
    const asked = `${world.id} ${name}`
    let result = this.#results.get(asked)
    if (result === undefined) {
      const [next, answer] = answered(world, call)
      result = { world: next === world ? world : this.#one(next), answer, name: this.#names.of(answer) }
      this.#results.set(asked, result)
    }
    return result
  }

  #one({ records, now, moment }: Next): World {
    const keys = Object.keys(records).sort()
    const text = `${now} ${moment} ${keys.map((key) => key + recordText(records[key]!)).join()}`
    let world = this.#known.get(text)
    if (world === undefined) {
      const ordered = Object.fromEntries(keys.map((key) => [key, records[key]!]))
      world = { id: this.#known.size, records: ordered, now, moment }
      this.#known.set(text, world)
    }
    return world
  }
}

const texts = new WeakMap<Stored, string>()

function recordText(record: Stored): string {
  let text = texts.get(record)
  if (text === undefined) {
    const { values, ...rest } = record
    text = JSON.stringify([Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)), rest])
    texts.set(record, text)
  }
  return text
}
