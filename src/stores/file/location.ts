import { fileURLToPath } from 'node:url'
import { StoreConfigError } from '../../errors.ts'

/** Where sessions are kept if nobody says so. */
export const DEFAULT_DIRECTORY = './.sessions'

/** The path of a directory as `fileStore()` may be given it. Quotes no URL: that of a server may have a password. */
export function pathOf(given: unknown): string {
  if (typeof given === 'string') {
    if (given === '' || given.includes('\0')) throw refusal()
    if (/^(file:|[a-z][a-z0-9+.-]*:\/\/)/i.test(given)) throw refusal(ofUrlAsText(given))
    return given
  }
  if (!isUrl(given)) {
    throw refusal(
      typeof given === 'object' && given !== null
        ? 'Options come second: fileStore(directory, options).'
        : '',
    )
  }
  if (given.protocol !== 'file:') throw refusal('A URL of another scheme than file: names no directory.')
  try {
    const path = fileURLToPath(given.href)
    if (!path.includes('\0')) return path
  } catch (error) {
    throw refusal('This file: URL names none on this machine.', error)
  }
  throw refusal()
}

function ofUrlAsText(text: string): string {
  return /^file:/i.test(text)
    ? 'A text is taken for a path: make a URL of it, fileStore(new URL(...)).'
    : 'Other stores are made by functions of their own: redisStore of untorn/redis, postgresStore of untorn/postgres.'
}

/** Not by its class: that of another realm (Jest has one) is another. */
function isUrl(given: unknown): given is { href: string; protocol: string } {
  const { href, protocol } = Object(given) as { href?: unknown; protocol?: unknown }
  return typeof href === 'string' && typeof protocol === 'string'
}

function refusal(why = '', cause?: unknown): StoreConfigError {
  const needed = 'The session directory must be a path, or a file: URL.'
  return new StoreConfigError(
    `${needed} ${why === '' ? `Leave it out for "${DEFAULT_DIRECTORY}".` : why}`,
    cause === undefined ? undefined : { cause },
  )
}
