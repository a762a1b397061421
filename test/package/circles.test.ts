import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { localImportsOf, sourcesIn } from './imports.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Each with how many files it has at least: a search that finds none proves nothing. */
const FOLDERS = { src: 100, bench: 100, examples: 10, scripts: 3, test: 300 }

test.each(Object.entries(FOLDERS))(
  'no two files of %s import each other, however far round',
  (name, least) => {
    const folder = `${ROOT}${name}`
    const files = sourcesIn(folder)
    expect(files.length).toBeGreaterThanOrEqual(least)
    const circles: string[] = []
    const seen = new Set<string>()
    const visit = (file: string, path: readonly string[]): void => {
      const at = path.indexOf(file)
      if (at !== -1) circles.push([...path.slice(at), file].join(' > '))
      if (at !== -1 || seen.has(file)) return
      for (const imported of localImportsOf(folder, file)) visit(imported, [...path, file])
      seen.add(file)
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  },
)
