// Makes dist/ of src/: declarations by the compiler, and code by a bundler, one file for each entry and what entries
// share. An application that starts then reads five files in place of a hundred, and the two small libraries that
// untorn uses are among them. The command is a file of its own, which shares nothing with them: what they are cut into
// stays as it would be without it. A build into a folder beside it and two renames, so that a program that runs from dist/
// while another one builds never imports half of it.
//
// Each file of code is there as ESM and, cut in the same way, as CommonJS: there too what entries share is there once. The
// declarations are there once for both: an application adds to what a session holds by `declare module`, and would add to
// one of two only.
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { bin, engines, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const next = mkdtempSync(join(root, 'dist-'))
// It was made for its owner alone, and others may run what is in it.
chmodSync(next, 0o755)
const types = join(next, 'types')
const common = {
  absWorkingDir: root,
  outdir: next,
  bundle: true,
  platform: 'node',
  target: `node${engines.node.replace('>=', '')}`,
  metafile: true,
  logLevel: 'warning',
}

/** The framework of an application is the one that it has. */
const OF_THE_APPLICATION = ['next/headers.js', 'next/server.js']

/**
 * What entries share is cut along the layers, as those are: left to itself a bundler makes a file for each set of entries that share
 * something, and with so many of them whoever imports one would read two dozen.
 */
const SHARED = [
  ['contract', /\/src\/(contract|options|events|errors\.ts|across-copies\.ts|stores\/[^/]+\.ts)/],
  ['files', /\/src\/stores\/file\//],
  ['session', /\/(src\/(values|cookie|owners|session|sessions)|node_modules\/cookie)\//],
  ['request', /\/(src\/adapters\/request|node_modules\/vary)\//],
  ['fetch', /\/src\/adapters\/fetch\//],
  ['node', /\/src\/adapters\/(node\/|express\/share)/],
  ['kept', /\/src\/adapters\/kept\//],
]

/** What a module exports under this name is what `require` gives of it; Node.js knows that of ES modules by itself. */
const AS_A_WHOLE = 'module.exports'

const sourceOf = (path) => path.replace('./dist/', 'src/').replace(/\.js$/, '.ts')
try {
  declarations()
  const entries = await bundleEntries()
  await asCommonJs(entries.modules)
  licences([...entries.inputs, ...(await bundleCommands())])
  const dist = join(root, 'dist')
  if (existsSync(dist)) renameSync(dist, join(next, '.previous'))
  renameSync(next, dist)
  rmSync(join(dist, '.previous'), { recursive: true, force: true })
} finally {
  rmSync(next, { recursive: true, force: true })
}

function declarations() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', types]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) {
    rmSync(next, { recursive: true, force: true })
    process.exit(status ?? 1)
  }
  // What no ES module can declare is written by hand, for the place that it gets here.
  cpSync(join(root, 'types'), types, { recursive: true })
  // Files of an ES module may be imported by no CommonJS one, says the compiler for some settings; these by both.
  writeFileSync(join(types, 'package.json'), '{ "type": "commonjs" }\n')
}

/** @returns the code that was read, and the modules that were written with what each exports */
async function bundleEntries() {
  const entries = Object.values(exports).filter((entry) => entry.import !== undefined)
  const bundle = await rolldown({
    cwd: root,
    input: entries.map((entry) => sourceOf(entry.import)),
    platform: 'node',
    external: OF_THE_APPLICATION,
    transform: { target: common.target },
    onLog(level, log) {
      if (level !== 'info' && level !== 'debug') throw new Error(log.message)
    },
  })
  const { output } = await bundle.write({
    dir: next,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
    sourcemap: true,
    comments: { legal: false, annotation: true, jsdoc: false },
    codeSplitting: { groups: SHARED.map(([name, test]) => ({ name, test })) },
  })
  const modules = output.filter(({ type }) => type === 'chunk')
  return {
    inputs: modules.flatMap(({ moduleIds }) => moduleIds).map((path) => relative(root, path)),
    modules: modules.map(({ fileName, exports }) => ({ fileName, exports })),
  }
}

/** Each of these ES modules beside itself, for `require` where that can't load it: in Jest, in bundles to CommonJS. */
async function asCommonJs(modules) {
  await build({
    ...common,
    absWorkingDir: next,
    format: 'cjs',
    entryPoints: modules.map(({ fileName }) => join(next, fileName)),
    outbase: next,
    outExtension: { '.js': '.cjs' },
    // Places alone: the text that they are of is in the maps of the modules, and a quarter of the package.
    sourcemap: true,
    sourcesContent: false,
    // By `require`, then: Jest has no `import()`.
    supported: { 'dynamic-import': false },
    external: OF_THE_APPLICATION,
    plugins: [{ name: 'beside', setup: ({ onResolve }) => onResolve({ filter: /^\.\.?\// }, beside) }],
  })
  for (const { fileName, exports } of modules) {
    if (!exports.includes(AS_A_WHOLE)) continue
    appendFileSync(
      join(next, fileName.replace(/\.js$/, '.cjs')),
      `module.exports = module.exports['${AS_A_WHOLE}'];\n`,
    )
  }
}

function beside({ kind, path }) {
  if (kind === 'entry-point') return undefined
  return { path: path.replace(/\.js$/, '.cjs'), external: true }
}

/** @returns the files whose code is in the bundle */
async function bundleCommands() {
  const { metafile } = await build({
    ...common,
    format: 'esm',
    entryPoints: Object.values(bin).map(sourceOf),
    // What it uses is CommonJS, and asks for parts of Node.js by `require`.
    banner: {
      js: "import { createRequire as untornRequire } from 'node:module'; const require = untornRequire(import.meta.url);",
    },
  })
  for (const path of Object.values(bin)) chmodSync(join(next, path.replace('./dist/', '')), 0o755)
  return Object.keys(metafile.inputs)
}

/** Their licences ask to go where the code goes. */
function licences(files) {
  const names = files.map((path) => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
  const bundled = [...new Set(names.filter((name) => name !== undefined))].sort()
  const texts = bundled.map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  })
  writeFileSync(join(next, 'third-party.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
}
