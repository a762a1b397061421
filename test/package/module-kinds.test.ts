import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Format } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { inWhole, whole } from '../support/whole.ts'
import { entries, manifest, Project, ROOT } from './installed.ts'
import { toolOf } from './tool.ts'

const project = new Project('express')
const names = [...entries.keys()]
/** Those that are bundled: in the short run one of each kind. */
const bundledNames = inWhole(names, [
  'untorn',
  'untorn/file',
  'untorn/express',
  'untorn/express-session',
  'untorn/hono',
  'untorn/redis',
])
copyFileSync(join(ROOT, 'test', 'package', 'consumers', 'works.cjs'), join(project.folder, 'works.cjs'))

/** A program that goes through all entries, or some, as a module of the kind; `load` is its expression for one. */
function forEach(kind: 'mjs' | 'cjs', load: string, then: string, some = names): string {
  const opening =
    kind === 'cjs'
      ? "const { works } = require('./works.cjs')"
      : `import { createRequire } from 'node:module'
         const { works } = createRequire(import.meta.url)('./works.cjs')`
  return `${opening}
    const targets = ${JSON.stringify(Object.fromEntries(entries))}
    async function main() {
      const seen = {}
      for (const name of ${JSON.stringify(some)}) {
        const entry = ${load}
        ${then}
      }
      console.log(JSON.stringify(seen))
    }
    main()`
}

const WORK = 'await works[name](entry)'
const all = Object.fromEntries(names.map((name) => [name, true]))

interface Seen {
  names: string[]
  /** Whether `require` of Node.js gives the same. */
  isOne?: boolean
  works: boolean
}

/** Where `require` gives one thing of an entry, the others are its properties. */
const NAMES = "Object.keys(entry).filter((key) => key !== 'default' && key !== 'module.exports').sort()"
const IS_ONE = "createRequire(import.meta.url)(name) === (entry['module.exports'] ?? entry)"

/** What is seen of each entry, imported and required as CommonJS: by one process each, when a test asks first. */
const seenBy = {
  imported: onlyOnce(() => {
    const look = `seen[name] = { names: ${NAMES}, isOne: ${IS_ONE} }; ${WORK}; seen[name].works = true`
    return ran('imported.mjs', forEach('mjs', 'await import(name)', look))
  }),
  'required as CommonJS': onlyOnce(() => {
    const look = `seen[name] = { names: ${NAMES} }; ${WORK}; seen[name].works = true`
    return ran(
      'common.cjs',
      forEach('cjs', "require('./node_modules/untorn/' + targets[name].require)", look),
    )
  }),
}

function ran(file: string, text: string): Record<string, Seen> {
  return JSON.parse(project.run(file, text))
}

function onlyOnce<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** One thing that is seen of each entry, by its name. */
function each<K extends keyof Seen>(seen: Record<string, Seen>, what: K): Record<string, Seen[K]> {
  return Object.fromEntries(Object.entries(seen).map(([name, it]) => [name, it[what]]))
}

describe('every entry of the package', () => {
  test('is there for import, for require and for the compiler, under one rule', () => {
    expect(names).toContain('untorn')
    expect(Object.values(manifest.exports).filter((entry) => typeof entry === 'string')).toEqual([
      './package.json',
    ])
    for (const [name, entry] of entries) {
      const file = name === 'untorn' ? 'index' : name.replace('untorn/', '')
      // In this order: the first one that somebody knows is taken.
      expect(Object.entries(entry)).toEqual([
        ['types', `./dist/types/${file}.d.ts`],
        ['module-sync', `./dist/${file}.js`],
        ['import', `./dist/${file}.js`],
        ['require', `./dist/${file}.cjs`],
      ])
    }
  })

  test('is packed, and nothing is packed beside what entries need', () => {
    const targets = [...entries.values()].flatMap((entry) => Object.values(entry) as string[])
    const packed = project.files.map((file) => `./${file}`)
    expect(targets.filter((target) => !packed.includes(target))).toEqual([])
    const code = packed.filter((file) => /^\.\/dist\/[^/]+\.(js|cjs)$/.test(file))
    expect(code.filter((file) => !targets.includes(file))).toEqual(['./dist/cli.js'])
  })

  test('gives the same names to import, to require, and to a require that takes CommonJS alone', () => {
    const imported = each(seenBy.imported(), 'names')
    const required = project.run('names.cjs', forEach('cjs', 'require(name)', `seen[name] = ${NAMES}`))
    expect(Object.keys(imported).sort()).toEqual([...names].sort())
    expect(JSON.parse(required)).toEqual(imported)
    expect(each(seenBy['required as CommonJS'](), 'names')).toEqual(imported)
  })

  test('is one instance for import and for require of Node.js', () => {
    expect(each(seenBy.imported(), 'isOne')).toEqual(all)
  })

  test.each(['imported', 'required as CommonJS'] as const)('works where it is %s', (how) => {
    expect(each(seenBy[how](), 'works')).toEqual(all)
  })

  const bundles = [
    ['import', 'esm', false],
    ['import', 'cjs', true],
    ['require', 'cjs', false],
  ] as const
  test.each(bundles.filter(([how]) => whole || how === 'require'))(
    'works when %s of it is bundled to %s (minified: %s)',
    async (how, format, minify) => {
      const bundles = await bundled(how, format, minify)
      const program = forEach(
        'mjs',
        `(await import(bundles[name])).entry()`,
        `${WORK}; seen[name] = true`,
        bundledNames,
      )
      const text = `const bundles = ${JSON.stringify(bundles)}\n${program}`
      const seen = JSON.parse(project.run(`bundles-${how}-${format}.mjs`, text))
      expect(seen).toEqual(Object.fromEntries(bundledNames.map((name) => [name, true])))
    },
  )
})

/** An application for each entry, bundled: what it exports is a function that gives what it has loaded. */
async function bundled(how: 'import' | 'require', format: Format, minify: boolean) {
  const sources = bundledNames.map((name) => {
    const loading =
      how === 'import' ? `import * as loaded from '${name}'` : `const loaded = require('${name}')`
    const path = `bundles/${how}/${name.replace('untorn/', '')}.js`
    return project.write(path, `${loading}\nexport const entry = () => loaded`)
  })
  const extension = format === 'esm' ? '.mjs' : '.cjs'
  await build({
    absWorkingDir: project.folder,
    entryPoints: sources,
    outdir: `bundles/${how}-${format}${minify ? '-minified' : ''}`,
    outExtension: { '.js': extension },
    bundle: true,
    // Of an application of Next.js, which bundles itself.
    external: ['next/*'],
    minify,
    format,
    platform: 'node',
    // What a bundle to ES modules needs for any CommonJS that is in it.
    ...(format === 'esm' && {
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    }),
  })
  const folder = `./bundles/${how}-${format}${minify ? '-minified' : ''}`
  return Object.fromEntries(
    bundledNames.map((name) => [name, `${folder}/${name.replace('untorn/', '')}${extension}`]),
  )
}

describe('in Jest, whose loader is its own and takes CommonJS alone', () => {
  const jest = toolOf('jest', 'jest/bin/jest.js')

  test.skipIf(jest.missing)(`every entry works ${jest.missing ?? ''}`, () => {
    project.write(
      'entries.test.js',
      `const { works } = require('./works.cjs')
       test.each(${JSON.stringify(names)})('%s', async (name) => {
         await works[name](require(name))
       })`,
    )
    const config = {
      rootDir: project.folder,
      testEnvironment: 'node',
      transform: {},
      cacheDirectory: 'cache',
    }
    const args = [
      '--ci',
      '--runInBand',
      '--json',
      '--outputFile=jest.json',
      '--config',
      JSON.stringify(config),
    ]
    project.start([jest.path, ...args])
    const { numPassedTests } = JSON.parse(project.read('jest.json'))
    expect(numPassedTests).toBe(names.length)
  })
})
