import { isSessionKey, type SessionKey } from '../../contract/key.ts'
import { InvalidOptionError } from '../../errors.ts'
import { asText } from '../../options/checks.ts'

export const PREFIX = 'untorn:'
const KEY_LENGTH = 64

/** Checks the option. */
export function checkedPrefix(given: unknown = PREFIX): string {
  const prefix = given === '' ? given : asText('prefix', given)
  if (/\p{Surrogate}/u.test(prefix)) {
    throw new InvalidOptionError('prefix', 'it has half a surrogate pair, which UTF-8 has no bytes for')
  }
  if (/\{[^}]+\}/.test(prefix)) {
    throw new InvalidOptionError(
      'prefix',
      'a part of it in braces is a hash tag, which puts all sessions of a cluster on one node: leave out the braces',
    )
  }
  return prefix
}

/** What the keys of the store match, and a few of others maybe: see {@link sessionKeyIn}. */
export function patternOf(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]^-]/g, '\\$&')}*`
}

/** The session's key in the name of a Redis key that begins with the prefix; `undefined`: it is none of the store's. */
export function sessionKeyIn(name: string, prefix: string): SessionKey | undefined {
  const key = name.slice(prefix.length)
  return key.length === KEY_LENGTH && isSessionKey(key) ? key : undefined
}
