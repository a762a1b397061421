import type { SessionSource } from '../../contract/source.ts'
import { asFunction, asObject, asOptions, asText, needed } from '../../options/checks.ts'
import { type Content, parsedJson, utf8 } from './content.ts'
import { type ExpressContent, expressContent } from './express-content.ts'
import { FolderSource } from './folder.ts'
import { isId } from './ids.ts'
import { asSeconds, chosen, OPTIONS, type SourceOptions } from './source-options.ts'
import { Unreadable } from './unreadable.ts'

/** What is used of `kruptein`, by which session-file-store encrypts: `require('kruptein')(crypto)`. */
export interface KrupteinLike {
  // biome-ignore lint/suspicious/noExplicitAny: texts, by releases that have no types
  get(secret: any, text: any, callback: (error: any, plain: any) => void): unknown
}

/** What {@link sessionFileStore} can be told: what session-file-store was told, by its names and in its units. */
export interface SessionFileStoreOptions extends SourceOptions {
  /** Seconds that a session lives whose cookie doesn't say it. Default: 3600. */
  ttl?: number
  /** What the names of files end in. Default: `'.json'`. */
  fileExtension?: string
  /** By which sessions are encrypted. It needs `kruptein`, too. */
  secret?: string
  /**
   * The package that session-file-store encrypts with, made as it makes it: with its option `crypto`, whose default is
   * `{ algorithm: 'aes-256-gcm', hashing: 'sha512', use_scrypt: true }`.
   */
  kruptein?: KrupteinLike
}

const KNOWN = [...OPTIONS, 'ttl', 'fileExtension', 'secret', 'kruptein'] as const

const TTL = 3600

/** What an encrypted file may have beside what is in it: salt and sums, each byte as a number in JSON. */
const BESIDE = 16 * 1024

/** Each byte as JSON has it. */
const ESCAPED = 6

/**
 * Sessions that session-file-store has written, one file each. They are read and never touched: to be copied
 * (`copySessions`) or taken along at the first request (`moving`).
 *
 * A session lives from its last use for the `originalMaxAge` of its cookie, or for `ttl`. One that is encrypted takes as long to
 * read as there: its key is derived for each file.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`), and `StoreConfigError` (`UNTORN_STORE_CONFIG`) where there is no such
 * directory. Loads and listings throw `StoreUnavailableError` (`UNTORN_STORE_UNAVAILABLE`) where the system fails.
 *
 * ```ts
 * app.use(session({ secret, store: untornStore(moving({ from: sessionFileStore('./sessions'), to: fileStore() })) }))
 * ```
 */
export function sessionFileStore(directory: string, options: SessionFileStoreOptions = {}): SessionSource {
  const { ttl = TTL, fileExtension = '.json', secret, kruptein, ...others } = asOptions(options, KNOWN)
  const lifetime = asSeconds('ttl', ttl)
  const ending = fileExtension === '' ? '' : asText('fileExtension', fileExtension)
  if (/[/\\\0]/.test(ending)) throw needed('fileExtension', 'the end of a name', fileExtension)
  const open = opener(secret, kruptein)
  const source = chosen(others)
  const { maxBytes } = source
  const format = {
    most: open === undefined ? maxBytes : ESCAPED * maxBytes + BESIDE,
    isId,
    nameOf: (id: string) => id + ending,
    idIn: (name: string) => (name.endsWith(ending) ? name.slice(0, name.length - ending.length) : undefined),
    contentOf({ bytes }: { bytes: Buffer }): Content {
      const text = utf8(bytes)
      return contentOf(expressContent(open === undefined ? text : open(text)), lifetime)
    },
  }
  return new FolderSource(asText('directory', directory), format, source)
}

function contentOf({ values, cookie, maxAge }: ExpressContent, ttl: number): Content {
  const usedAt = values.get('__lastAccess')
  values.delete('__lastAccess')
  if (typeof usedAt !== 'number')
    throw new Unreadable('it does not say when it was last used (`__lastAccess`)')
  return { values, cookie, usedAt, expiresAt: usedAt + (maxAge ?? ttl) }
}

function opener(secret: unknown, kruptein: unknown): ((text: string) => string) | undefined {
  if (secret === undefined && kruptein === undefined) return undefined
  const key = asText('secret', secret)
  const library = asObject('kruptein', kruptein) as unknown as KrupteinLike
  asFunction('kruptein.get', library.get)
  return (text) => opened(library, key, text)
}

/** It reports by a callback that it calls at once, and throws of what it does not expect. */
function opened(library: KrupteinLike, secret: string, text: string): string {
  const found: { plain?: unknown } = {}
  try {
    library.get(secret, text, (error: unknown, plain: unknown) => {
      if (error === null || error === undefined) found.plain = plain
    })
  } catch {
    // What it can't open leaves nothing in plain, which is told below; its message may quote what it was given.
  }
  if (typeof found.plain !== 'string') throw new Unreadable('it is encrypted by another `secret`, or damaged')
  // It makes JSON of what it is given, which is JSON already.
  const inner = parsedJson(found.plain)
  if (typeof inner !== 'string') throw new Unreadable('what is encrypted in it is no text')
  return inner
}
