import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

const NAMES = String.raw`(?:type\s+)?(?:\w+\s*,\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+)`
const FROM = new RegExp(
  String.raw`^(?:import|export)\s+${NAMES}\s+from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)`,
  'gm',
)

/** The source files below a folder, named from there; what is installed in it is left out, and may lead back to here. */
export function sourcesIn(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      const file = join(below, entry.name)
      if (entry.isDirectory()) return sourcesIn(folder, file)
      return /\.m?[jt]s$/.test(file) ? [file] : []
    })
    .sort()
}

/** What a file says that it imports, for its types as well. */
export function importsOf(folder: string, file: string): string[] {
  const text = readFileSync(join(folder, file), 'utf8')
  return [...text.matchAll(FROM)].map(([, whole, effects, dynamic]) => (whole ?? effects ?? dynamic)!)
}

/** Those of them that are files, named as `file` is. */
export function localImportsOf(folder: string, file: string): string[] {
  const local = importsOf(folder, file).filter((from) => from.startsWith('.'))
  return local
    .map((from) => relative(folder, normalize(join(folder, dirname(file), from))))
    .filter((imported) => existsSync(join(folder, imported)))
}
