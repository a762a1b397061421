/** A piece of HTML that needs no more escaping. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Insert = Html | string | number | false | undefined | readonly Insert[]

/** A template whose inserts are escaped, unless they were made by `html` themselves. False and undefined: nothing. */
export function html(parts: TemplateStringsArray, ...inserts: Insert[]): Html {
  return new Html(parts.reduce((text, part, i) => text + insertText(inserts[i - 1]) + part))
}

function insertText(insert: Insert): string {
  if (insert instanceof Html) return insert.text
  if (insert === undefined || insert === false) return ''
  if (typeof insert === 'string' || typeof insert === 'number') return escaped(String(insert))
  return insert.map(insertText).join('')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
