import type { SessionRecord } from '../../contract/record.ts'
import { held, restored } from './texts.ts'

/**
 * How a session lies in its hash.
 *
 * - `meta`: the layout's number, the version, when it was created and when it expires, and the latest writes, each apart
 *   by a space. A write is kept for as long as it could come again, the latest first: see `writes.ts`.
 * - `owner`: where there is one.
 * - a dot and a value's name: the value.
 *
 * Names, values and owners that Redis can't keep are escaped: see `texts.ts`.
 */
export const META = 'meta'
export const OWNER = 'owner'
/** In what is left of a session that was ended: see `scripts.ts`. */
const ENDED = 'ended'
const DOT = '.'
const DOT_CODE = DOT.charCodeAt(0)
const LAYOUT = '1'

/** The meta field of a new record, up to the latest writes. */
export function metaOf(version: number, createdAt: number, expiresAt: number): string {
  return `${LAYOUT} ${version} ${createdAt} ${expiresAt}`
}

export function fieldOf(name: string): string {
  return DOT + held(name)
}

/** A field and its text for each value, one after the other. */
export function pushFields(values: ReadonlyMap<string, string> | undefined, to: string[]): void {
  if (values) for (const [name, text] of values) to.push(fieldOf(name), held(text))
}

/**
 * The record in a hash, of which drivers make different things: an array of fields and texts in turn, one of pairs, an
 * object or a map. `undefined` for no hash, and for one that is not of this layout.
 */
export function recordIn(reply: unknown): SessionRecord | undefined {
  return fieldsIn(reply).record()
}

/** The same for a listing; and whether there is a hash that is no record, nor the mark of a session that was ended. */
export function lookIn(reply: unknown): { record: SessionRecord | undefined; isUnreadable: boolean } {
  const fields = fieldsIn(reply)
  const record = fields.record()
  return { record, isUnreadable: record === undefined && !fields.isNone }
}

function fieldsIn(reply: unknown): Fields {
  const fields = new Fields()
  if (!Array.isArray(reply)) {
    if (reply instanceof Map) for (const [field, text] of reply) fields.take(field, text)
    else for (const field in reply as Texts) fields.take(field, (reply as Texts)[field]!)
  } else if (typeof reply[0] === 'object') {
    for (const { key, value } of reply) fields.take(key, value)
  } else {
    for (let at = 0; at < reply.length; at += 2) fields.take(reply[at], reply[at + 1])
  }
  return fields
}

type Texts = Record<string, string>

class Fields {
  readonly #values = new Map<string, string>()
  #meta: string | undefined
  #owner: string | undefined
  #isEnded = false
  #isEmpty = true

  take(field: string, text: string): void {
    this.#isEmpty = false
    if (field.charCodeAt(0) === DOT_CODE) this.#values.set(restored(field.slice(1)), restored(text))
    else if (field === META) this.#meta = text
    else if (field === OWNER) this.#owner = restored(text)
    else if (field === ENDED) this.#isEnded = true
  }

  /** No hash, or no more than is left of a session that was ended. */
  get isNone(): boolean {
    return this.#isEmpty || (this.#isEnded && this.#meta === undefined)
  }

  record(): SessionRecord | undefined {
    if (this.#meta === undefined) return undefined
    const [layout, version, createdAt, expiresAt] = this.#meta.split(' ', 4)
    const record: SessionRecord = {
      version: Number(version),
      values: this.#values,
      createdAt: Number(createdAt),
      expiresAt: Number(expiresAt),
    }
    if (this.#owner !== undefined) record.owner = this.#owner
    const numbers = record.version + record.createdAt + record.expiresAt
    return layout === LAYOUT && Number.isFinite(numbers) ? record : undefined
  }
}
