import { types } from 'node:util'

/** What JSON would make of a value. */
export interface Inspection {
  /** Why it can't be stored at all. */
  refused?: string
  /** What was thrown by the value's own code (a getter, `toJSON`). */
  cause?: unknown
  /** What JSON would silently change; only the first. */
  changed?: string
}

export interface Looks {
  maxDepth: number
  /** Also for what JSON would change, and not only for what can't be stored. */
  forChanges: boolean
}

/** One walk over a value, before it is serialised: `JSON.stringify` drops functions and flattens Maps without a word. */
export function inspectPlain(value: unknown, looks: Looks): Inspection {
  // Strings and numbers are most of what is stored.
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return NOTHING
  const walk = new Walk(looks)
  try {
    walk.visit(value)
  } catch (cause) {
    if (!(cause instanceof Refusal)) return { refused: `reading ${walk.place()} failed`, cause }
    return { refused: cause.why }
  }
  return walk.changed === undefined ? NOTHING : { changed: walk.changed }
}

const NOTHING: Inspection = {}

class Refusal {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

class Walk {
  changed: string | undefined
  readonly #looks: Looks
  readonly #parents: object[] = []
  readonly #path: (string | number)[] = []

  constructor(looks: Looks) {
    this.#looks = looks
  }

  visit(value: unknown): void {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return
      case 'number':
        if (!Number.isFinite(value)) this.#becomes(`${value}`, 'null')
        else if (Object.is(value, -0)) this.#becomes('-0', '0')
        return
      case 'object':
        if (value !== null) this.#visitObject(value)
        return
      default:
        throw new Refusal(`${this.place()} is a ${typeof value}`)
    }
  }

  place(): string {
    if (this.#path.length === 0) return 'it'
    const path = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    return `its part "${path.replace(/^\./, '')}"`
  }

  #visitObject(value: object): void {
    if (this.#parents.includes(value)) throw new Refusal(`${this.place()} contains itself`)
    const { maxDepth } = this.#looks
    if (this.#parents.length >= maxDepth) {
      throw new Refusal(`it is nested deeper than ${maxDepth} levels (the option \`maxDepth\`)`)
    }
    if (types.isPromise(value)) throw new Refusal(`${this.place()} is a promise (is an \`await\` missing?)`)
    this.#parents.push(value)
    if (Array.isArray(value)) this.#visitItems(value)
    else if (hasToJson(value)) {
      this.#becomes(nameOf(value), 'what its toJSON() returns')
      this.visit(value.toJSON(''))
    } else this.#visitProperties(value)
    this.#parents.pop()
  }

  #visitItems(items: readonly unknown[]): void {
    if (!isPlainArray(items)) this.#becomes(nameOf(items), 'a plain array')
    if (this.#isLooking) this.#lookBeside(items)
    for (let index = 0; index < items.length; index++) {
      const item = items[index]
      if (item === undefined) this.#becomesAt(index, index in items ? 'undefined' : 'a hole', 'null')
      else this.#visitAt(index, item)
    }
  }

  #visitProperties(value: object): void {
    if (!isPlain(value))
      this.#becomes(nameOf(value), types.isBoxedPrimitive(value) ? 'what is in it' : 'a plain object')
    else if (this.#isLooking) this.#lookBehind(value)
    for (const name of Object.keys(value)) this.#visitAt(name, (value as Record<string, unknown>)[name])
  }

  /** It costs something, and only the first change is told. */
  get #isLooking(): boolean {
    return this.#looks.forChanges && this.changed === undefined
  }

  /** What an array has beside its items. */
  #lookBeside(items: readonly unknown[]): void {
    const names = Reflect.ownKeys(items)
    // Its items and its length.
    if (names.length === items.length + 1) return
    for (const name of names) {
      if (typeof name === 'symbol') this.#leavesOut(`the key ${String(name)}`)
      else if (name !== 'length' && !isIndex(name)) this.#leavesOut(`the property "${name}" beside its items`)
    }
  }

  /** What a plain object has that is not a value under a name. */
  #lookBehind(value: object): void {
    for (const name of Reflect.ownKeys(value)) {
      const property = Reflect.getOwnPropertyDescriptor(value, name)
      if (typeof name === 'symbol') this.#leavesOut(`the key ${String(name)}`)
      else if (property?.enumerable === false) this.#leavesOut(`the hidden property "${name}"`)
      else if (property?.get !== undefined) this.#becomesAt(name, 'a getter', 'what it returns now')
    }
  }

  #visitAt(step: string | number, value: unknown): void {
    // A leaf that JSON keeps as it is: most of every value.
    if (typeof value === 'string' || typeof value === 'boolean') return
    this.#path.push(step)
    this.visit(value)
    this.#path.pop()
  }

  #becomes(what: string, becomes: string): void {
    this.changed ??= `${this.place()} is ${what}, which becomes ${becomes}`
  }

  #becomesAt(step: string | number, what: string, becomes: string): void {
    this.#path.push(step)
    this.#becomes(what, becomes)
    this.#path.pop()
  }

  #leavesOut(what: string): void {
    this.changed ??= `${this.place()} has ${what}, which is left out`
  }
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function'
}

/** Of a property of an array: whether it is the place of an item. */
function isIndex(name: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(name)
}

/** Also true for objects of another realm (a vm context), whose `Object` is not ours. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function isPlainArray(items: readonly unknown[]): boolean {
  const prototype: object | null = Object.getPrototypeOf(items)
  return prototype !== null && isPlain(prototype)
}

function nameOf(value: object): string {
  const name = (value.constructor as { name?: unknown } | undefined)?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class'
}
