const SPACE = 0x20
const TAB = 0x09

/**
 * The values of the cookies with exactly this name, `most` at most, in their order: a parser that keeps one of them would
 * hide that there are others. Looks at the places where the name occurs and nowhere else, so a long header of other things
 * costs one search.
 */
export function cookieValues(header: string, name: string, most: number): string[] {
  const values: string[] = []
  let at = header.indexOf(name)
  while (at !== -1 && values.length < most) {
    let next = at + name.length
    const equals = skipBlanks(header, next)
    if (header[equals] === '=' && beginsPair(header, at)) {
      const end = header.indexOf(';', equals)
      next = end === -1 ? header.length : end
      values.push(unquoted(header.slice(equals + 1, next).trim()))
    }
    at = header.indexOf(name, next)
  }
  return values
}

/** A value may stand in quotes (RFC 6265, 4.1.1), and some proxies and clients put them there. */
function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}

function beginsPair(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && isBlank(header.charCodeAt(before))) before--
  return before < 0 || header[before] === ';'
}

function skipBlanks(header: string, from: number): number {
  let at = from
  while (at < header.length && isBlank(header.charCodeAt(at))) at++
  return at
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}
