import type { SessionSource } from '../../contract/source.ts'
import { InvalidOptionError } from '../../errors.ts'
import { asOneOf, asOptions, asText } from '../../options/checks.ts'
import type { Held } from './bounded-read.ts'
import type { Content } from './content.ts'
import { FolderSource } from './folder.ts'
import { type PhpHandler, phpValues } from './php-text.ts'
import { asSeconds, chosen, OPTIONS, type SourceOptions } from './source-options.ts'

/** What {@link phpFiles} can be told: what PHP was told, in its units. */
export interface PhpFilesOptions extends SourceOptions {
  /** `session.serialize_handler`. Default: `'php'`. */
  handler?: PhpHandler
  /** `session.gc_maxlifetime`: seconds that a session lives which nobody uses. Default: 1440. */
  maxLifetime?: number
}

const KNOWN = [...OPTIONS, 'handler', 'maxLifetime'] as const

const HANDLERS = ['php', 'php_serialize', 'php_binary'] as const

const MAX_LIFETIME = 1440

const PREFIX = 'sess_'

/** `session.save_path`: how many directories deep, the rights of files, and where. */
const SAVE_PATH = /^(?:(\d{1,2});(?:[0-7]{1,4};)?)?([^;]+)$/

/** Each level has as many directories as there are letters of ids. */
const DEEPEST = 6

/**
 * Sessions that PHP keeps in files (`session.save_handler = files`). They are read and never touched: to be copied
 * (`copySessions`) or taken along at the first request (`moving`). An id is what the cookie says.
 *
 * @param path `session.save_path`, as PHP has it: `/var/lib/php/sessions`, or `2;/var/lib/php/sessions` for files that are two
 * directories deep
 *
 * A session lives for `maxLifetime` from when its file was last written or touched. Arrays whose names count from 0 are lists,
 * others are objects. A session that has an object of PHP, a reference, or a text that is not UTF-8 counts as none, and
 * `onUnreadable` is told. PHP writes into the file that is there: one that it is writing right now may be unreadable for that
 * moment.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`), and `StoreConfigError` (`UNTORN_STORE_CONFIG`) where there is no such
 * directory. Loads and listings throw `StoreUnavailableError` (`UNTORN_STORE_UNAVAILABLE`) where the system fails.
 *
 * ```ts
 * const from = phpFiles('/var/lib/php/sessions')
 * ```
 */
export function phpFiles(path: string, options: PhpFilesOptions = {}): SessionSource {
  const { handler = 'php', maxLifetime = MAX_LIFETIME, ...others } = asOptions(options, KNOWN)
  const written = asOneOf('handler', handler, HANDLERS)
  const lifetime = asSeconds('maxLifetime', maxLifetime)
  const { depth, directory } = placeIn(asText('path', path))
  const source = chosen(others)
  const format = {
    depth,
    most: source.maxBytes,
    isId: (text: string) => /^[\dA-Za-z,-]{22,256}$/.test(text),
    nameOf: (id: string) => PREFIX + id,
    idIn: (name: string) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined),
    contentOf({ bytes, modified }: Held): Content | undefined {
      // Begun, and nothing was ever put into it.
      if (bytes.length === 0) return undefined
      return { values: phpValues(bytes, written), usedAt: modified, expiresAt: modified + lifetime }
    },
  }
  return new FolderSource(directory, format, source)
}

function placeIn(path: string): { depth: number; directory: string } {
  const [, depth = '0', directory] = SAVE_PATH.exec(path) ?? []
  if (directory === undefined || Number(depth) > DEEPEST) {
    throw new InvalidOptionError(
      'path',
      `it is a directory, or how many directories deep its files are (at most ${DEEPEST}) and a directory: 2;/var/lib/php/sessions`,
    )
  }
  return { depth: Number(depth), directory }
}
