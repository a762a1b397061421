import type { SessionSource } from '../../contract/source.ts'
import { InvalidOptionError } from '../../errors.ts'
import { asOptions, asText, needed } from '../../options/checks.ts'
import type { Held } from './bounded-read.ts'
import { type Content, parsedJson, utf8, valuesOf } from './content.ts'
import { assertExact, signedBody, signingKey } from './django-text.ts'
import { FolderSource } from './folder.ts'
import { asSeconds, chosen, OPTIONS, type SourceOptions } from './source-options.ts'
import { Unreadable } from './unreadable.ts'

/** What {@link djangoFiles} can be told; `secretKey` it has to be. Each is a setting of Django's, in its units. */
export interface DjangoFilesOptions extends SourceOptions {
  /** `SECRET_KEY`: what is signed with another one is not read. */
  secretKey: string
  /** `SECRET_KEY_FALLBACKS`. Default: none. */
  fallbackKeys?: readonly string[]
  /** `SESSION_COOKIE_NAME`, which the names of the files begin with. Default: `'sessionid'`. */
  cookieName?: string
  /** `SESSION_COOKIE_AGE`: seconds that a session lives which does not say it itself. Default: 1209600, two weeks. */
  cookieAge?: number
}

const KNOWN = [...OPTIONS, 'secretKey', 'fallbackKeys', 'cookieName', 'cookieAge'] as const

const TWO_WEEKS = 1_209_600

/** Bytes that one of a text may take in the body: Django writes JSON in ASCII. */
const ESCAPED = 6
/** And in base64, with what stands beside the body. */
const ENCODED = 8
const BESIDE = 256

/**
 * Sessions that Django (3.1 or later) keeps in files (`django.contrib.sessions.backends.file`, with its JSON serializer). They
 * are read and never touched: to be copied (`copySessions`) or taken along at the first request (`moving`). An id is what the
 * cookie says, unsigned.
 *
 * A session lives from when it was last written for `_session_expiry`, or until that where it is a date, or for `cookieAge`.
 * Its owner is `_auth_user_id`. What is signed with a key that is not named here counts as none, and `onUnreadable` is told.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`), and `StoreConfigError` (`UNTORN_STORE_CONFIG`) where there is no such
 * directory. Loads and listings throw `StoreUnavailableError` (`UNTORN_STORE_UNAVAILABLE`) where the system fails.
 *
 * ```ts
 * const from = djangoFiles('/var/lib/shop/sessions', { secretKey: process.env.SECRET_KEY })
 * ```
 */
export function djangoFiles(directory: string, options: DjangoFilesOptions): SessionSource {
  const {
    secretKey,
    fallbackKeys = [],
    cookieName = 'sessionid',
    cookieAge = TWO_WEEKS,
    ...others
  } = asOptions(options, KNOWN)
  const keys = [asText('secretKey', secretKey), ...asKeys(fallbackKeys)].map(signingKey)
  const prefix = asText('cookieName', cookieName)
  if (/[/\\\0]/.test(prefix)) throw needed('cookieName', 'the name of a cookie', cookieName)
  const lifetime = asSeconds('cookieAge', cookieAge)
  const source = chosen(others)
  const { maxBytes } = source
  const format = {
    most: ENCODED * maxBytes + BESIDE,
    isId: (text: string) => /^[a-z0-9]{8,64}$/.test(text),
    nameOf: (id: string) => prefix + id,
    idIn: (name: string) => idIn(name, prefix),
    contentOf({ bytes, modified }: Held): Content | undefined {
      // A place that was taken for a session which is about to be written.
      if (bytes.length === 0) return undefined
      const body = signedBody(bytes.toString('latin1'), keys, ESCAPED * maxBytes, maxBytes)
      const json = utf8(body)
      assertExact(json)
      return contentOf(valuesOf(parsedJson(json)), modified, lifetime)
    },
  }
  return new FolderSource(asText('directory', directory), format, source)
}

/** Not that of a file which is being written, to be renamed. */
function idIn(name: string, prefix: string): string | undefined {
  if (!name.startsWith(prefix) || name.includes('_out_')) return undefined
  return name.slice(prefix.length)
}

function contentOf(values: Map<string, unknown>, modified: number, lifetime: number): Content {
  const expiry = values.get('_session_expiry')
  values.delete('_session_expiry')
  const owner = values.get('_auth_user_id')
  const content = { values, usedAt: modified, expiresAt: endOf(expiry, modified, lifetime) }
  if (owner === undefined || owner === null) return content
  if (typeof owner !== 'string' && typeof owner !== 'number')
    throw new Unreadable('its `_auth_user_id` is no id')
  return { ...content, owner: String(owner) }
}

/** 0 is a cookie that ends with the browser, and says nothing of the session. */
function endOf(expiry: unknown, modified: number, lifetime: number): number {
  if (expiry === undefined || expiry === null || expiry === 0) return modified + lifetime
  const end = typeof expiry === 'number' ? modified + 1000 * expiry : Date.parse(String(expiry))
  if (Number.isNaN(end)) throw new Unreadable('its `_session_expiry` is no time')
  return end
}

function asKeys(value: unknown): string[] {
  if (!Array.isArray(value)) throw new InvalidOptionError('fallbackKeys', 'a list of texts is needed')
  return value.map((key, at) => asText(`fallbackKeys[${at}]`, key))
}
