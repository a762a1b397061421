import type { Codec } from './serializer.ts'

/*
 * A value with an expiry of its own is stored as one text with it, `["untorn:until",<milliseconds>,<its text>]`, so that no
 * request's value ever meets another one's expiry. A text of the application's that begins so is put into one without an
 * expiry (`null`): what it stores comes back as it was, and means nothing else.
 */

const NAME = 'untorn:until'
const BEGINNING = `["${NAME}",`

/** The text of a value that expires then, in milliseconds since the epoch; of one that does not, its own. */
export function expiringText(text: string, until: number | undefined): string {
  if (until === undefined) return text
  return JSON.stringify([NAME, until, text])
}

/** When the value of a text expires by itself; `undefined`: it does not. */
export function untilOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : (opened(text)?.until ?? undefined)
}

/** Whether there is no value in a text any more. */
export function isExpired(text: string, now: () => number): boolean {
  const until = opened(text)?.until
  return until !== undefined && until !== null && until <= now()
}

/** Reads past the expiry: what has expired is `undefined`. */
export function expiringCodec(codec: Codec, now: () => number): Codec {
  return {
    stringify(key, value) {
      const text = codec.stringify(key, value)
      return text.startsWith(BEGINNING) ? JSON.stringify([NAME, null, text]) : text
    },
    parse(key, text) {
      let inner = text
      for (let outer = opened(text); outer !== undefined; outer = opened(inner)) {
        if (outer.until !== null && outer.until <= now()) return undefined
        inner = outer.text
        // What is in one without an expiry is the application's, whatever it begins with.
        if (outer.until === null) break
      }
      return codec.parse(key, inner)
    },
    same: (key, written, stored) => sameWithExpiry(codec, key, written, stored),
  }
}

/** Whether two texts are of the same value with the same expiry. */
function sameWithExpiry(
  codec: Codec,
  key: string,
  written: string | undefined,
  stored: string | undefined,
): boolean {
  const one = written === undefined ? undefined : opened(written)
  const other = stored === undefined ? undefined : opened(stored)
  if (one === undefined && other === undefined) return codec.same(key, written, stored)
  if (one === undefined || other === undefined || one.until !== other.until) return false
  return one.until === null
    ? codec.same(key, one.text, other.text)
    : sameWithExpiry(codec, key, one.text, other.text)
}

function opened(text: string): { until: number | null; text: string } | undefined {
  // Nearly every text is another one, and nothing is made for it.
  if (!text.startsWith(BEGINNING)) return undefined
  try {
    const [, until, inner, ...more]: unknown[] = JSON.parse(text)
    const fits = (until === null || Number.isFinite(until)) && typeof inner === 'string' && more.length === 0
    return fits ? { until: until as number | null, text: inner } : undefined
  } catch {
    return undefined
  }
}
