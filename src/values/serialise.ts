import { types } from 'node:util'
import { NotSerialisableError } from '../errors.ts'
import { isFlash, isReserved, nameOf } from './data.ts'
import { expiringCodec } from './expiring.ts'
import { inspectPlain } from './plain.ts'
import type { Codec, Serializer } from './serializer.ts'
import { SteadySerializer } from './steady.ts'
import { withoutMessage } from './without-message.ts'

export interface CodecOptions {
  serializer?: Serializer | undefined
  /** How deep values may be nested; JSON only. */
  maxDepth: number
  report(error: NotSerialisableError): void
  /** What time it is by the store's clock. */
  now(): number
}

export function createCodec(options: CodecOptions): Codec {
  return expiringCodec(codecOf(options), options.now)
}

function codecOf({ serializer, maxDepth, report }: CodecOptions): Codec {
  const json = jsonCodec(maxDepth, report)
  if (serializer === undefined) return json
  const custom = customCodec(serializer, report)
  // The library's own values stay readable when an application changes its serializer.
  const its = (key: string): Codec => (isReserved(key) && !isFlash(key) ? json : custom)
  return {
    stringify: (key, value) => its(key).stringify(key, value),
    parse: (key, text) => its(key).parse(key, text),
    same: (key, written, stored) => its(key).same(key, written, stored),
  }
}

function jsonCodec(maxDepth: number, report: CodecOptions['report']): Codec {
  const warn = process.env.NODE_ENV === 'production' ? undefined : warnOncePerKey()
  const looks = { maxDepth, forChanges: warn !== undefined }
  return {
    stringify(key, value) {
      const found = inspectPlain(value, looks)
      if (found.refused !== undefined) {
        throw new NotSerialisableError(nameOf(key), found.refused, { cause: found.cause })
      }
      if (found.changed !== undefined) warn?.(key, found.changed)
      return checkedText(key, () => JSON.stringify(value))
    },
    parse: (key, text) => parsedOrReported(key, () => JSON.parse(text), report),
    same: (_, written, stored) => sameTexts(written, stored, isSpelledLoosely),
  }
}

function sameTexts(
  one: string | undefined,
  other: string | undefined,
  mean: (one: string, other: string) => boolean,
): boolean {
  return one === other || (one !== undefined && other !== undefined && mean(one, other))
}

/** A store may spell a JSON text more loosely (jsonb adds spaces), never more tightly. */
function isSpelledLoosely(written: string, stored: string): boolean {
  if (stored.length <= written.length || !(written.startsWith('{') || written.startsWith('['))) return false
  try {
    return JSON.stringify(JSON.parse(stored)) === written
  } catch {
    return false
  }
}

function customCodec(given: Serializer, report: CodecOptions['report']): Codec {
  const serializer = new SteadySerializer(given)
  return {
    stringify(key, value) {
      if (types.isPromise(value))
        throw new NotSerialisableError(nameOf(key), 'it is a promise (is an `await` missing?)')
      return checkedText(key, () => serializer.stringify(value))
    },
    parse: (key, text) => parsedOrReported(key, () => serializer.parse(text), report),
    same: (_, written, stored) => sameTexts(written, stored, (one, other) => serializer.same(one, other)),
  }
}

function checkedText(key: string, stringify: () => unknown): string {
  let text: unknown
  try {
    text = stringify()
  } catch (cause) {
    throw new NotSerialisableError(nameOf(key), 'serialising it failed', { cause })
  }
  if (typeof text !== 'string') throw new NotSerialisableError(nameOf(key), 'serialising it gave no text')
  return text
}

function parsedOrReported(key: string, parse: () => unknown, report: CodecOptions['report']): unknown {
  try {
    return parse()
  } catch (error) {
    const why = 'what is stored there is not a text that it wrote'
    report(new NotSerialisableError(nameOf(key), why, { cause: withoutMessage(error) }))
    return undefined
  }
}

function warnOncePerKey(): (key: string, what: string) => void {
  const warned = new Set<string>()
  return (key, what) => {
    if (warned.has(key)) return
    warned.add(key)
    process.emitWarning(
      `The session value "${key}" will not be read as it was set: ${what}. ` +
        'Store plain data, or set the option `serializer` to one that keeps such values (devalue, superjson).',
      { code: 'UNTORN_VALUE_CHANGES' },
    )
  }
}
