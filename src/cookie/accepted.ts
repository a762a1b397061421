import { hasIdForm } from './id.ts'
import type { CookieShape } from './shape.ts'
import { unsigned } from './signature.ts'

/** A cookie that something else than untorn has set, and that leads to a session once. */
export interface AcceptedCookie extends CookieShape {
  /** `undefined`: the value is the id. */
  pattern: RegExp | undefined
  /** `undefined`: it is not signed, or nobody looks whether it is. */
  secrets: readonly string[] | undefined
}

/** An id of 256 characters, each as three, with its signature: what is longer was not set by a session library. */
const LONGEST_VALUE = 1024

/**
 * Visible characters of ASCII, as ids of all libraries are. What else a client sends may mean something to a store that looks
 * it up somewhere; and a space would let one text be read as an application's name and an id.
 */
const ID_FORM = /^[\x21-\x7e]{1,256}$/

/** The id that a cookie's value has; `undefined`: it is none that was set so. It is untrusted input. */
export function acceptedId({ pattern, secrets }: AcceptedCookie, value: string): string | undefined {
  if (value.length > LONGEST_VALUE) return undefined
  const text = decoded(value)
  const content = text === undefined || secrets === undefined ? text : unsigned(withoutMark(text), secrets)
  const id = content === undefined || pattern === undefined ? content : found(pattern, content)
  if (id === undefined || !ID_FORM.test(id)) return undefined
  // An id as ours are, from a cookie that anybody may have set: another library's it is only by that one's signature.
  return secrets === undefined && hasIdForm(id) ? undefined : id
}

/** Where the pattern has a group, what that has matched, and never what stands around it. */
function found(pattern: RegExp, text: string): string | undefined {
  const match = pattern.exec(text)
  return match === null || match.length === 1 ? match?.[0] : match[1]
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** express-session says of a signed value that it is one. */
function withoutMark(text: string): string {
  return text.startsWith('s:') ? text.slice(2) : text
}
