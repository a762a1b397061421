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

/** One walk over a value, before it is serialised: `JSON.stringify` drops functions and flattens Maps without a word. */
export function inspectPlain(value: unknown, maxDepth: number): Inspection {
  // Strings and numbers are most of what is stored.
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return NOTHING
  const walk = new Walk(maxDepth)
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
  readonly #maxDepth: number
  readonly #parents: object[] = []
  readonly #path: (string | number)[] = []

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth
  }

  visit(value: unknown): void {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return
      case 'number':
        if (!Number.isFinite(value)) this.#becomes(`${value}`, 'null')
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
    if (this.#parents.length >= this.#maxDepth) {
      throw new Refusal(`it is nested deeper than ${this.#maxDepth} levels (the option \`maxDepth\`)`)
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
    for (let index = 0; index < items.length; index++) this.#visitAt(index, items[index])
  }

  #visitProperties(value: object): void {
    if (!isPlain(value)) this.#becomes(nameOf(value), 'a plain object')
    for (const name of Object.keys(value)) this.#visitAt(name, (value as Record<string, unknown>)[name])
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
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function'
}

/** Also true for objects of another realm (a vm context), whose `Object` is not ours. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function nameOf(value: object): string {
  const name = (value.constructor as { name?: unknown } | undefined)?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class'
}
