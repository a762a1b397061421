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
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

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
  // The framework of an application is the one that it has.
  external: ['next/*'],
}

/** What a module exports under this name is what `require` gives of it; Node.js knows that of ES modules by itself. */
const AS_A_WHOLE = 'module.exports'

const sourceOf = (path) => path.replace('./dist/', 'src/').replace(/\.js$/, '.ts')
try {
  declarations()
  const entries = await bundleEntries()
  await asCommonJs(entries.outputs)
  licences([...Object.keys(entries.inputs), ...(await bundleCommands())])
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

/** @returns what was read and written */
async function bundleEntries() {
  const entries = Object.values(exports).filter((entry) => entry.import !== undefined)
  const { metafile } = await build({
    ...common,
    format: 'esm',
    entryPoints: entries.map((entry) => sourceOf(entry.import)),
    splitting: true,
    chunkNames: 'shared/[hash]',
    sourcemap: true,
  })
  return metafile
}

/** Each of these ES modules beside itself, for `require` where that can't load it: in Jest, in bundles to CommonJS. */
async function asCommonJs(outputs) {
  const modules = Object.keys(outputs)
  await build({
    ...common,
    absWorkingDir: next,
    format: 'cjs',
    entryPoints: modules.filter((path) => path.endsWith('.js')).map((path) => resolve(root, path)),
    outbase: next,
    outExtension: { '.js': '.cjs' },
    // Places alone: the text that they are of is in the maps of the modules, and a quarter of the package.
    sourcemap: true,
    sourcesContent: false,
    // By `require`, then: Jest has no `import()`.
    supported: { 'dynamic-import': false },
    plugins: [{ name: 'beside', setup: ({ onResolve }) => onResolve({ filter: /^\.\.?\// }, beside) }],
  })
  for (const path of modules) {
    if (!outputs[path].exports.includes(AS_A_WHOLE)) continue
    appendFileSync(
      resolve(root, path.replace(/\.js$/, '.cjs')),
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
