import type { MaybePromise } from '../contract/wait.ts'
import { warnOnce } from '../events/warn-once.ts'

declare const unawaited: unique symbol

/**
 * What a method answers that asks the store: {@link MaybePromise}, so that it has to be awaited. Where the type of
 * the values is `any`, a plain MaybePromise would be `any` as well, and a forgotten `await` would pass the compiler.
 */
// biome-ignore lint/suspicious/noExplicitAny: what is awaited is as the values are
export type Asked<T> = 0 extends 1 & T ? Promise<any> | { readonly [unawaited]: never } : MaybePromise<T>

/**
 * A promise that says so where it is used in the place of its value. With a store that answers at once the same code
 * works, so that the mistake shows with another store alone, as `[object Promise]` on a page. `call`: how it was made.
 */
export function sayingSo<T>(promise: Promise<T>, call: string): Promise<T> {
  const say = (): void => {
    warnOnce(
      'UNTORN_NOT_AWAITED',
      `What ${call} returned was used as a text without \`await\`. Over this store it is a promise: write \`await ${call}\`, ` +
        'which is right over every store.',
    )
  }
  const asText = (): string => {
    say()
    return Object.prototype.toString.call(promise)
  }
  const asJson = (): object => {
    say()
    return {}
  }
  return Object.defineProperties(promise, {
    toString: { value: asText },
    toJSON: { value: asJson },
    [Symbol.toPrimitive]: { value: asText },
  })
}
