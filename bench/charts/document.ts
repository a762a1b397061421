/** A place in a document that is written by a program: `<!-- bench: targets -->` to `<!-- /bench -->`. */
const PLACE = /(<!-- bench: (\S+) -->\n)(.*?)(<!-- \/bench -->)/gs

/** Writes anew what stands in the places of a document, and leaves the rest as it is. */
export function fill(document: string, content: (place: string) => string): string {
  const filled = document.replace(PLACE, (_, open: string, name: string, __, close: string) => {
    return `${open}${content(name)}\n${close}`
  })
  const opened = document.match(/<!-- bench: /g)?.length ?? 0
  const matched = [...document.matchAll(PLACE)].length
  if (opened !== matched) throw new SyntaxError(`Of ${opened} places only ${matched} have an end.`)
  return filled
}

/** The light or the dark file, as the reader's browser has it. */
export function picture(path: string, alternative: string): string {
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="${path}-dark.svg">`,
    `  <img alt="${attribute(alternative)}" src="${path}-light.svg">`,
    '</picture>',
  ].join('\n')
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
