import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { tooLarge } from './content.ts'
import { Unreadable } from './unreadable.ts'

/** What all backends of sessions sign with: the name of their class, wherever it is. */
const SALT = 'django.contrib.sessions.SessionStore'

/** The key that a `SECRET_KEY` comes to. */
export function signingKey(secretKey: string): Buffer {
  return createHash('sha256').update(`${SALT}signer${secretKey}`).digest()
}

/** Body, time, signature. The dot says that the body is compressed. */
const FORM = /^(\.?)([\w-]+):([\dA-Za-z]{1,12}):([\w-]{43})$/

/**
 * The body of a signed text. The signature is looked at first: what is compressed comes from who has the key, and even they may
 * make no more than `most` bytes of it. Throws {@link Unreadable}.
 *
 * @param maxBytes what is said of more
 */
export function signedBody(text: string, keys: readonly Buffer[], most: number, maxBytes: number): Buffer {
  const [, dot, body, time, signature] = FORM.exec(text) ?? []
  if (body === undefined || signature === undefined) throw new Unreadable('it is no signed text')
  const signed = `${dot}${body}:${time}`
  const found = Buffer.from(signature, 'base64url')
  const isSigned = keys.some((key) => {
    const made = createHmac('sha256', key).update(signed).digest()
    return made.length === found.length && timingSafeEqual(made, found)
  })
  if (!isSigned) throw new Unreadable('it is signed with another key, or was changed since')
  const bytes = Buffer.from(body, 'base64url')
  return dot === '' ? bytes : inflated(bytes, most, maxBytes)
}

/** Strings of JSON, in which digits are no numbers; else its numbers. */
const STRINGS_AND_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/** Python writes integers of any size, and here they would be others without a word. Throws {@link Unreadable}. */
export function assertExact(json: string): void {
  for (const [token] of json.matchAll(STRINGS_AND_NUMBERS)) {
    if (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))) {
      throw new Unreadable('a number in it is too large')
    }
  }
}

function inflated(bytes: Buffer, most: number, maxBytes: number): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: most })
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new Unreadable('what is compressed in it is damaged')
  }
}
