import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A declaration at the top of a file, as the compiler wrote it. */
export interface Declaration {
  name: string
  file: string
  /** The comment above it; '' if there is none. */
  comment: string
  /** Without comments. */
  text: string
}

/** One file of declarations: what it declares, and what it has from other files. */
interface Module {
  declarations: Declaration[]
  /** By the name that they have in it. */
  imports: Map<string, Origin>
  exports: Map<string, Origin>
  /** The files of which it exports all, with `export *`. */
  passedOn: string[]
  /** What it exports as a whole, with `export =`. */
  whole?: string
}

interface Origin {
  name: string
  file: string
}

/** A comment, or the first line of a statement: the compiler indents all others, or begins them by a bracket. */
const BEGINS = /^(?=\/\*\*|\/\/|(?:export|declare|import|interface|type|abstract|class|function|const)\b)/m

const NAMED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|enum|namespace) (\w+)|^declare (global)/
const WHOLE = /^export = (\w+)/
const ALL_OF = /^export \* from '([^']+)'/
const FROM_OTHERS = /^(import|export) (?:type )?\{([^}]*)\}(?: from '([^']+)')?/

/**
 * Reads the declarations of an entry, and of what it leads to. It relies on how the compiler writes them, as nothing of
 * what it needs is a part of its public API.
 */
export class Declarations {
  readonly #modules = new Map<string, Module>()

  /** What a file exports, by name; overloads are several of one name. What it adds to the global scope is `global`. */
  exportedBy(file: string): Declaration[] {
    const module = this.#module(file)
    const own = module.declarations.filter(
      ({ name, text }) => name === module.whole || /^(export|declare global)\b/.test(text),
    )
    const others = [...module.exports].flatMap(([name, origin]) =>
      this.#from(origin).map((found) => ({ ...found, name })),
    )
    const passedOn = module.passedOn.flatMap((from) => this.exportedBy(from))
    return [...own, ...others, ...passedOn].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  }

  /** The package's own declarations that the text of another one names. */
  namedBy({ file, text }: Declaration): Declaration[] {
    const { declarations, imports } = this.#module(file)
    const words = text.replace(/'[^']*'/g, '').match(/[A-Za-z_]\w*/g)
    return [...new Set(words)].flatMap((word) => {
      const origin = imports.get(word)
      return origin ? this.#from(origin) : declarations.filter(({ name }) => name === word)
    })
  }

  #from({ name, file }: Origin): Declaration[] {
    const { declarations, imports, exports, passedOn } = this.#module(file)
    const exported = exports.get(name)
    // What is imported by one statement and exported by another is under the same name in both.
    const isPassedOn = exported?.file === file && exported.name === name
    const origin = isPassedOn ? imports.get(name) : exported
    if (origin) return this.#from(origin)
    const declared = declarations.filter((declaration) => declaration.name === name)
    return declared.length > 0 ? declared : passedOn.flatMap((from) => this.#from({ name, file: from }))
  }

  #module(file: string): Module {
    const known = this.#modules.get(file)
    if (known !== undefined) return known
    const module = read(file)
    this.#modules.set(file, module)
    return module
  }
}

function read(file: string): Module {
  const module: Module = { declarations: [], imports: new Map(), exports: new Map(), passedOn: [] }
  let comment = ''
  for (const part of readFileSync(file, 'utf8').split(BEGINS)) {
    const isComment = part.startsWith('/')
    const [, kind, names, from] = FROM_OTHERS.exec(part) ?? []
    const [, named, global] = NAMED.exec(part) ?? []
    const name = named ?? global
    const whole = WHOLE.exec(part)?.[1]
    const all = ALL_OF.exec(part)?.[1]
    if (all !== undefined) module.passedOn.push(declarationsOf(all, file))
    if (whole !== undefined) module.whole = whole
    if (names !== undefined && kind !== undefined) {
      const others = kind === 'import' ? module.imports : module.exports
      for (const [here, origin] of origins(names, from, file)) others.set(here, origin)
    } else if (name !== undefined) {
      module.declarations.push({ name, file, comment, text: withoutComments(part) })
    }
    comment = isComment ? part.trim() : ''
  }
  return module
}

/** Those of `{ one, type another, a third as here }`; what is from elsewhere than this package is not of it. */
function origins(names: string, from: string | undefined, file: string): [here: string, origin: Origin][] {
  if (from !== undefined && !from.startsWith('.')) return []
  const origin = from === undefined ? file : declarationsOf(from, file)
  const each = names.split(',').map((name) => name.replace(/^\s*type /, '').trim())
  return each
    .filter((name) => name !== '')
    .map((name) => {
      const [there, here] = name.split(' as ')
      return [here ?? there!, { name: there!, file: origin }]
    })
}

/** The file that one imports `from`. */
function declarationsOf(from: string, file: string): string {
  return join(dirname(file), from.replace(/\.[jt]s$/, '.d.ts'))
}

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm, '').trimEnd()
}
