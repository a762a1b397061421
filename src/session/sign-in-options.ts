import { assertOwner } from '../contract/check.ts'
import { InvalidOptionError, invalidArgument } from '../errors.ts'
import { asObject, refuseUnknown } from '../options/checks.ts'
import { isReserved } from '../values/data.ts'

/** What `login` may be told beside the owner. */
export interface LoginOptions<Key extends string = string> {
  /** The names of the values that stay: of a visitor's cart, say. Default: none. */
  keep?: readonly Key[]
}

/** What `login` was given, checked. */
export interface SignInPlan {
  readonly owner: string
  readonly keep: ReadonlySet<string>
}

/** Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) or `InvalidOptionError` (`UNTORN_INVALID_OPTION`). */
export function checkedSignIn(owner: unknown, options: unknown): SignInPlan {
  return { owner: checkedOwner(owner), keep: checkedKeep(options) }
}

/** Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`). */
export function checkedOwner(owner: unknown): string {
  assertOwner(owner)
  if (owner === '')
    throw invalidArgument('owner', 'the name of a user is needed, such as their id; this text is empty')
  return owner
}

function checkedKeep(options: unknown): ReadonlySet<string> {
  if (options === undefined) return new Set()
  const given = asObject('options', options)
  refuseUnknown('', given, ['keep'], {})
  const { keep = [] } = given
  if (!Array.isArray(keep)) throw new InvalidOptionError('keep', 'a list of names of values is needed')
  for (const name of keep) {
    if (isReserved(name))
      throw new InvalidOptionError('keep', 'what begins with "untorn:" is the library\'s own')
  }
  return new Set(keep)
}
