import { types } from 'node:util'
import { isPlain } from './plain.ts'

/**
 * Whether two values are the same: equal in all parts, in the same order, and with the same parts shared. For values
 * that were read from two texts, where the texts themselves don't tell, as those of a serializer that encrypts.
 *
 * An object of a class is never the same as another one: what it holds can't be seen from outside, and to take a
 * changed value for an unchanged one would lose the change.
 */
export function sameValue(one: unknown, other: unknown): boolean {
  return new Comparison().same(one, other)
}

class Comparison {
  readonly #otherOf = new Map<object, object>()
  readonly #oneOf = new Map<object, object>()

  same(one: unknown, other: unknown): boolean {
    if (!isObject(one) || !isObject(other)) return Object.is(one, other)
    // Met before: shared, or part of itself. Then the other has to be so in the same place.
    if (this.#otherOf.has(one) || this.#oneOf.has(other)) return this.#otherOf.get(one) === other
    this.#otherOf.set(one, other)
    this.#oneOf.set(other, one)
    if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
    if (ArrayBuffer.isView(one)) return ArrayBuffer.isView(other) && bytesOf(one).equals(bytesOf(other))
    return this.#sameContent(one, other) && this.#sameProperties(one, other)
  }

  /** What is not in properties. */
  #sameContent(one: object, other: object): boolean {
    if (isPlain(one)) return isPlain(other)
    if (!isOfBuiltIn(one)) return false
    if (Array.isArray(one)) return Array.isArray(other)
    if (types.isDate(one)) return types.isDate(other) && Object.is(one.getTime(), other.getTime())
    if (types.isRegExp(one)) return types.isRegExp(other) && String(one) === String(other)
    if (types.isMap(one)) return types.isMap(other) && this.#sameItems([...one].flat(), [...other].flat())
    if (types.isSet(one)) return types.isSet(other) && this.#sameItems([...one], [...other])
    if (types.isArrayBuffer(one)) {
      return types.isArrayBuffer(other) && Buffer.from(one).equals(Buffer.from(other))
    }
    return false
  }

  #sameItems(items: readonly unknown[], others: readonly unknown[]): boolean {
    return items.length === others.length && items.every((item, at) => this.same(item, others[at]))
  }

  #sameProperties(one: object, other: object): boolean {
    const names = Reflect.ownKeys(one)
    const others = Reflect.ownKeys(other)
    if (names.length !== others.length) return false
    return names.every(
      (name, at) => name === others[at] && this.same(Reflect.get(one, name), Reflect.get(other, name)),
    )
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Of Array, Date, Map or the like itself, not of a class that extends it; of a class that extends nothing, too. */
function isOfBuiltIn(value: object): boolean {
  return isPlain(Object.getPrototypeOf(value) as object)
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
}
