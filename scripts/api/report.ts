import { join } from 'node:path'
import { type Declaration, Declarations } from './declarations.ts'

/** The public surface, as text: one file for each entry. */
export interface Entry {
  /** As it is imported. */
  name: string
  /** Its declarations. */
  types: string
}

/** Where the report of an entry is, in docs/api/. */
export function reportFile(name: string): string {
  return `${name.replace('untorn/', '')}.txt`
}

/** @param root the package's folder, built */
export function reports(root: string, entries: readonly Entry[]): Map<string, string> {
  const declarations = new Declarations()
  const exported = entries.map(({ name, types }) => {
    return { name, own: declarations.exportedBy(join(root, types)) }
  })
  const published = new Set(exported.flatMap(({ own }) => own.map(placeOf)))
  return new Map(
    exported.map(({ name, own }) => {
      const behind = namedBehind(own, declarations, (one) => published.has(placeOf(one)))
      return [name, report(name, own, behind)]
    }),
  )
}

function report(name: string, own: readonly Declaration[], behind: readonly Declaration[]): string {
  const parts = [`What ${name} exports. Made by npm run api.`, ...own.map(({ text }) => text)]
  if (behind.length > 0)
    parts.push('What these name, and no entry exports.', ...behind.map(({ text }) => text))
  return `${parts.join('\n\n')}\n`
}

/** What they name, what that names, and so on, up to what an entry exports: a change of it is a change of theirs. */
function namedBehind(
  own: readonly Declaration[],
  declarations: Declarations,
  isExported: (one: Declaration) => boolean,
): Declaration[] {
  const behind = new Set<Declaration>()
  const open = [...own]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const named of declarations.namedBy(one)) {
      if (behind.has(named) || isExported(named)) continue
      behind.add(named)
      open.push(named)
    }
  }
  return [...behind].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
}

const placeOf = ({ name, file }: Declaration): string => `${name} ${file}`
