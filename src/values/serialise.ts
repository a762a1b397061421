import { types } from 'node:util'
import { NotSerialisableError } from '../errors.ts'
import { isReserved } from './data.ts'
import { inspectPlain } from './plain.ts'

/** What turns values into text and back in place of JSON. The modules `devalue` and `superjson` have this shape. */
export interface Serializer {
  stringify(value: unknown): string
  parse(text: string): unknown
}

/** {@link Serializer} with the session's key at hand, so that what goes wrong can be named. */
export interface Codec {
  /** Throws {@link NotSerialisableError}. */
  stringify(key: string, value: unknown): string
  /** `undefined` for a text that can't be parsed, which is reported: foreign data never breaks a request. */
  parse(key: string, text: string): unknown
}

export interface CodecOptions {
  serializer?: Serializer | undefined
  /** How deep values may be nested; JSON only. */
  maxDepth: number
  report(error: NotSerialisableError): void
}

export function createCodec({ serializer, maxDepth, report }: CodecOptions): Codec {
  const json = jsonCodec(maxDepth, report)
  if (serializer === undefined) return json
  const custom = customCodec(serializer, report)
  // The library's own values stay readable when an application changes its serializer.
  return {
    stringify: (key, value) => (isReserved(key) ? json : custom).stringify(key, value),
    parse: (key, text) => (isReserved(key) ? json : custom).parse(key, text),
  }
}

function jsonCodec(maxDepth: number, report: CodecOptions['report']): Codec {
  const warn = process.env.NODE_ENV === 'production' ? undefined : warnOncePerKey()
  return {
    stringify(key, value) {
      const found = inspectPlain(value, maxDepth)
      if (found.refused !== undefined) {
        throw new NotSerialisableError(key, found.refused, { cause: found.cause })
      }
      if (found.changed !== undefined) warn?.(key, found.changed)
      return checkedText(key, () => JSON.stringify(value))
    },
    parse: (key, text) => parsedOrReported(key, () => JSON.parse(text), report),
  }
}

function customCodec(serializer: Serializer, report: CodecOptions['report']): Codec {
  return {
    stringify: (key, value) => checkedText(key, () => serializer.stringify(value)),
    parse: (key, text) => parsedOrReported(key, () => serializer.parse(text), report),
  }
}

function checkedText(key: string, stringify: () => unknown): string {
  let text: unknown
  try {
    text = stringify()
  } catch (cause) {
    throw new NotSerialisableError(key, 'serialising it failed', { cause })
  }
  if (typeof text !== 'string') throw new NotSerialisableError(key, 'serialising it gave no text')
  return text
}

function parsedOrReported(key: string, parse: () => unknown, report: CodecOptions['report']): unknown {
  try {
    return parse()
  } catch (error) {
    const why = 'what is stored there is not a text that it wrote'
    report(new NotSerialisableError(key, why, { cause: withoutMessage(error) }))
    return undefined
  }
}

/**
 * What failed and where. What an engine or a serializer says of a text quotes it, and an event is logged: nothing that is
 * stored is to be read there.
 */
function withoutMessage(error: unknown): Error | undefined {
  if (!types.isNativeError(error)) return undefined
  const { name, message, stack = '' } = error
  const clean = new Error('(what it says may quote the stored value)')
  clean.name = name
  const head = `${name}: ${message}`
  clean.stack = `${name}: ${clean.message}${stack.startsWith(head) ? stack.slice(head.length) : ''}`
  return clean
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
