/** A piece of HTML that needs no more escaping. */
class Html {
  constructor(text) {
    this.text = text
  }
}

/** A template whose inserts are escaped, unless they were made by `html` themselves. False and undefined: nothing. */
export function html(parts, ...inserts) {
  return new Html(parts.reduce((text, part, i) => text + insertText(inserts[i - 1]) + part))
}

function insertText(insert) {
  if (insert instanceof Html) return insert.text
  if (insert === undefined || insert === false) return ''
  if (Array.isArray(insert)) return insert.map(insertText).join('')
  return String(insert).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
