import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inWhole } from '../support/whole.ts'
import { entries, manifest, Project, ROOT } from './installed.ts'

const names = [...entries.keys()]

/** What each entry is known to give; more is fine, less breaks somebody. */
const GIVES: Record<string, string[]> = {
  untorn: ['createSessions', 'union', 'counter', 'sessionKey', 'UntornError', 'SessionGoneError'],
  'untorn/adonisjs': ['untornStore'],
  'untorn/astro': ['default', 'sessionDriver'],
  'untorn/better-auth': ['secondaryStorage'],
  'untorn/copy': ['copySessions', 'moveSessions', 'verifySessions'],
  'untorn/elysia': ['sessions'],
  'untorn/express': ['sessions'],
  'untorn/express-session': ['Cookie', 'MemoryStore', 'Session', 'Store', 'untornStore'],
  'untorn/fastify': ['sessions', 'sessionOf'],
  'untorn/fetch': ['sessions'],
  'untorn/file': ['fileStore'],
  'untorn/formats': [
    'sessionFileStore',
    'connectRedisStore',
    'connectPgSimpleStore',
    'djangoFiles',
    'phpFiles',
  ],
  'untorn/h3': ['sessionOf', 'sessions'],
  'untorn/hono': ['sessions'],
  'untorn/koa': ['sessions', 'sessionOf'],
  'untorn/koa-session': ['untornStore'],
  'untorn/memory': ['memoryStore'],
  'untorn/moving': ['moving', 'moveSessions'],
  'untorn/next': ['sessions'],
  'untorn/nextjs-auth0': ['sessionStore'],
  'untorn/node': ['sessions'],
  'untorn/postgres': ['postgresStore', 'tableSql'],
  'untorn/react-router': ['sessions', 'untornStorage'],
  'untorn/redis': ['redisStore'],
  'untorn/remix': ['sessionStorage'],
  'untorn/sveltekit': ['sessionOf', 'sessions'],
  'untorn/tanstack-start': ['sessions'],
  'untorn/testing': [
    'adapterConformance',
    'clockedStore',
    'cookieFor',
    'failingStore',
    'readSession',
    'storeConformance',
  ],
  'untorn/unstorage': ['untornDriver'],
  'untorn/websocket': ['sessions'],
}

/** Those that are loaded where nothing else was; in the short run one of each kind. */
const alone = inWhole(names, [
  'untorn',
  'untorn/express',
  'untorn/express-session',
  'untorn/hono',
  'untorn/redis',
])

/** A project that has installed the packed package, and nothing else. */
const project = new Project()

/** A program that loads each entry in a thread of its own, by a module of which `load` is an expression for it. */
function inThreads(file: string, load: string): string {
  const take = file.endsWith('.cjs')
    ? "const { parentPort, workerData } = require('node:worker_threads')"
    : "import { parentPort, workerData } from 'node:worker_threads'"
  project.write(file, `${take}\nparentPort.postMessage(Object.keys(${load}))`)
  return `import { once } from 'node:events'
    import { Worker } from 'node:worker_threads'
    const given = {}
    for (const name of ${JSON.stringify(alone)}) {
      const worker = new Worker('./${file}', { workerData: name })
      ;[given[name]] = await once(worker, 'message')
    }
    console.log(JSON.stringify(given))`
}

describe('the packed package', () => {
  test('has the entries that are promised', () => {
    expect(names.sort()).toEqual(Object.keys(GIVES).sort())
  })

  test.each([
    ['ESM', 'esm.mjs', 'await import(workerData)'],
    ['CommonJS', 'cjs.cjs', 'require(workerData)'],
  ])('gives each entry to %s, where nothing else was loaded', (_kind, file, load) => {
    const given = JSON.parse(project.run('each.mjs', inThreads(file, load)))
    for (const name of alone) expect(given[name], name).toEqual(expect.arrayContaining(GIVES[name]!))
  })

  test('depends on nothing, and names whose code is bundled with it, with their licences', () => {
    expect(manifest.dependencies).toBeUndefined()
    const text = readFileSync(join(project.package, 'dist', 'third-party.txt'), 'utf8')
    const bundled = [...text.matchAll(/^([a-z-]+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name)
    expect(bundled).toEqual([
      'ansi-regex',
      'cli-progress',
      'commander',
      'cookie',
      'emoji-regex',
      'is-fullwidth-code-point',
      'string-width',
      'strip-ansi',
      'vary',
    ])
    expect(text.match(/Permission is hereby granted/g)).toHaveLength(bundled.length)
  })

  test('has the command `untorn`, which needs nothing else', () => {
    const command = join(project.package, manifest.bin.untorn!)
    expect(statSync(command).mode & 0o111).toBe(0o111)
    const { version } = manifest
    expect(execFileSync(command, ['--version'], { cwd: project.folder, encoding: 'utf8' })).toBe(
      `${version}\n`,
    )
  })

  test('no entry loads the code of the command', () => {
    const dist = join(project.package, 'dist')
    const code = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.c?js$/.test(path) && path !== 'cli.js')
      .map((path) => readFileSync(join(dist, path), 'utf8'))
    expect(code.filter((text) => /node_modules\/(commander|cli-progress)|\bcli\.js/.test(text))).toEqual([])
    expect(readFileSync(join(dist, 'cli.js'), 'utf8')).toContain('node_modules/commander')
  })

  test.each([...entries])('is read in a handful of files, by who takes %s', (_name, entry) => {
    const read = new Set<string>()
    const visit = (file: string): void => {
      if (read.has(file)) return
      read.add(file)
      const code = readFileSync(join(project.package, file), 'utf8')
      for (const [, from] of code.matchAll(/^(?:import|export)[^;]*?from ?"(\.[^"]+)"/gm)) {
        visit(join(dirname(file), from!))
      }
    }
    visit(entry.import)
    expect(read.size).toBeGreaterThan(0)
    // What several share is cut by who shares it: each further entry may cut it once more.
    expect(read.size).toBeLessThan(10)
  })

  test('holds what is needed to use it, and no tests or sources', () => {
    const files = readdirSync(project.package)
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
    for (const { types } of entries.values()) {
      expect(readFileSync(join(project.package, types), 'utf8')).toContain('export')
    }
  })

  test('was built into a directory that others may read than who built it', () => {
    expect(statSync(join(ROOT, 'dist')).mode & 0o777).toBe(0o755)
  })

  test.each([
    ['import', "await import('untorn/redis')"],
    [
      'require',
      `createRequire(import.meta.url)('./node_modules/untorn/${entries.get('untorn/redis')!.require}')`,
    ],
  ])('leads in the stack of an error to the line of its source, by %s', (how, load) => {
    project.write(
      `${how}.mjs`,
      `import { createRequire } from 'node:module'
       const { redisStore } = ${load}
       try {
         redisStore({ client: {} })
       } catch (error) {
         console.log(error.stack)
       }`,
    )
    const stack = project.start(['--enable-source-maps', `${how}.mjs`])
    const [, file, line] = /at refuse .*(src\/stores\/redis\/.*\.ts):(\d+):\d+/.exec(stack)!
    const source = readFileSync(join(ROOT, file!), 'utf8').split('\n')
    expect(source[Number(line) - 1]).toContain('throw new InvalidOptionError')
  })

  // In one program `req.session` has one type, so the two that declare it are in a program each.
  test.each(inWhole(['untorn/express', 'untorn/express-session'], ['untorn/express-session']))(
    'type-checks in a strict project that has no types but Node.js’s, without %s',
    (other) => {
      const lines = names
        .filter((name) => name !== other)
        .map((name, n) => `import * as all${n} from '${name}'\nexport const use${n} = all${n}`)
      project.write('use.mts', lines.join('\n'))
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
      project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['use.mts'] }))
      const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
      expect(project.start([compiler, '-p', project.folder])).toBe('')
    },
  )
})
