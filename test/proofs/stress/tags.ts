/**
 * Values of any size that the history can hold as a few letters: a JSON text that begins with a tag, and goes on with
 * as much padding as the tag says. A text that was torn, mixed or cut is told by its form alone.
 */
export function textOf(tag: string): string {
  return `"${tag}|${padding(sizeIn(tag))}"`
}

/** The tag of a value that an operation sets, `size` letters of padding long. */
export function tagOf(operation: string, size: number): string {
  return `${operation}/${size}`
}

/** The tag that a text begins with; of one that no tag makes, as much as shows what it is. */
export function tagIn(text: string): string {
  const tag = text.slice(1, text.indexOf('|'))
  if (/\/\d+$/.test(tag) && text === textOf(tag)) return tag
  return `broken(${text.length} letters: ${text.slice(0, 40)})`
}

function sizeIn(tag: string): number {
  return Number(tag.slice(tag.indexOf('/') + 1))
}

/** Letters of one, two and four bytes, a quote and a newline: what a careless reader of bytes would stumble over. */
const PADDING = 'x\u00e9\ud834\udd1e"\n'.repeat(2000)

function padding(size: number): string {
  return PADDING.slice(0, size)
}
