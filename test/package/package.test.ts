import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  version: string
  bin: Record<string, string>
  exports: Record<string, string>
  dependencies?: Record<string, string>
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
const subpaths = Object.keys(manifest.exports).filter((path) => path !== './package.json')
const names = subpaths.map((path) => path.replace('.', 'untorn'))

/** What each entry is known to give; more is fine, less breaks somebody. */
const GIVES: Record<string, string[]> = {
  untorn: [
    'createSessions',
    'Session',
    'union',
    'counter',
    'moving',
    'copySessions',
    'verifySessions',
    'moveSessions',
    'sessionKey',
    'UntornError',
    'SessionGoneError',
  ],
  'untorn/file': ['fileStore'],
  'untorn/memory': ['memoryStore'],
  'untorn/postgres': ['postgresStore', 'tableSql'],
  'untorn/redis': ['redisStore'],
  'untorn/node': ['sessions'],
  'untorn/express': ['sessions'],
  'untorn/testing': ['storeConformance'],
}

/** A project that has installed the packed package, and nothing else: it has no dependencies, and needs no peer. */
let project: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'untorn-package-'))
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  const modules = join(project, 'node_modules')
  mkdirSync(join(modules, 'untorn'), { recursive: true })
  execFileSync('tar', [
    '-xzf',
    join(project, filename),
    '-C',
    join(modules, 'untorn'),
    '--strip-components=1',
  ])
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

function runInProject(file: string, text: string): string {
  writeFileSync(join(project, file), text)
  return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' })
}

describe('the packed package', () => {
  test('has the entries that are promised', () => {
    expect(names.sort()).toEqual(Object.keys(GIVES).sort())
  })

  test.each(names)('gives %s to ESM', (name) => {
    const printed = runInProject(
      'esm.mjs',
      `import * as all from '${name}'; console.log(JSON.stringify(Object.keys(all)))`,
    )
    expect(JSON.parse(printed)).toEqual(expect.arrayContaining(GIVES[name]!))
  })

  test.each(names)('gives %s to CommonJS', (name) => {
    const printed = runInProject('cjs.cjs', `console.log(JSON.stringify(Object.keys(require('${name}'))))`)
    expect(JSON.parse(printed)).toEqual(expect.arrayContaining(GIVES[name]!))
  })

  test('depends on nothing, and names whose code is bundled with it, with their licences', () => {
    expect(manifest.dependencies).toBeUndefined()
    const text = readFileSync(join(project, 'node_modules', 'untorn', 'dist', 'third-party.txt'), 'utf8')
    const bundled = [...text.matchAll(/^([a-z-]+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name)
    expect(bundled).toEqual([
      'ansi-regex',
      'cli-progress',
      'commander',
      'cookie',
      'emoji-regex',
      'is-fullwidth-code-point',
      'ms',
      'string-width',
      'strip-ansi',
      'vary',
    ])
    expect(text.match(/Permission is hereby granted/g)).toHaveLength(bundled.length)
  })

  test('has the command `untorn`, which needs nothing else', () => {
    const command = join(project, 'node_modules', 'untorn', manifest.bin.untorn!)
    expect(statSync(command).mode & 0o111).toBe(0o111)
    const { version } = manifest
    expect(execFileSync(command, ['--version'], { cwd: project, encoding: 'utf8' })).toBe(`${version}\n`)
  })

  test('no entry loads the code of the command', () => {
    const dist = join(project, 'node_modules', 'untorn', 'dist')
    const code = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.js') && path !== 'cli.js')
      .map((path) => readFileSync(join(dist, path), 'utf8'))
    expect(code.filter((text) => /node_modules\/(commander|cli-progress)|\bcli\.js/.test(text))).toEqual([])
    expect(readFileSync(join(dist, 'cli.js'), 'utf8')).toContain('node_modules/commander')
  })

  test('is read in a handful of files', () => {
    const dist = join(project, 'node_modules', 'untorn', 'dist')
    const code = readdirSync(dist, { recursive: true }).filter((path) => String(path).endsWith('.js'))
    expect(code.length).toBeLessThan(20)
  })

  test('holds what is needed to use it, and no tests or sources', () => {
    const files = readdirSync(join(project, 'node_modules', 'untorn'))
    expect(files.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'migrations',
      'package.json',
    ])
  })

  test('has its types where an import of each entry looks for them', () => {
    for (const target of Object.values(manifest.exports).filter((path) => path.endsWith('.js'))) {
      const types = readFileSync(
        join(project, 'node_modules', 'untorn', target.replace(/\.js$/, '.d.ts')),
        'utf8',
      )
      expect(types).toContain('export')
    }
  })

  test('type-checks in a strict project that has no types but Node.js’s', () => {
    const lines = names.map((name, n) => `import * as all${n} from '${name}'\nexport const use${n} = all${n}`)
    writeFileSync(join(project, 'use.mts'), lines.join('\n'))
    const options = {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      target: 'es2023',
      types: ['node'],
      skipLibCheck: false,
    }
    const typeRoots = [join(ROOT, 'node_modules', '@types')]
    const compilerOptions = { ...options, typeRoots, exactOptionalPropertyTypes: true }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.mts'] }))
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const printed = (() => {
      try {
        return execFileSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' })
      } catch (error) {
        return (error as { stdout: string }).stdout
      }
    })()
    expect(printed).toBe('')
  })
})
