// Makes dist/ of src/: declarations by the compiler, and code by a bundler, one file for each entry and what entries
// share. An application that starts then reads five files in place of a hundred, and the three small libraries that
// untorn uses are among them. A build into a folder beside it and two renames, so that a program that runs from dist/
// while another one builds never imports half of it.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { engines, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const next = mkdtempSync(join(root, 'dist-'))
try {
  declarations()
  licences(await bundle())
  const dist = join(root, 'dist')
  if (existsSync(dist)) renameSync(dist, join(next, '.previous'))
  renameSync(next, dist)
  rmSync(join(dist, '.previous'), { recursive: true, force: true })
} finally {
  rmSync(next, { recursive: true, force: true })
}

function declarations() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', next]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** @returns the names of the packages whose code is in the bundle */
async function bundle() {
  const entries = Object.values(exports).filter((path) => path.endsWith('.js'))
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((path) => path.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
    outdir: next,
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[hash]',
    format: 'esm',
    platform: 'node',
    target: `node${engines.node.replace('>=', '')}`,
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  })
  const names = Object.keys(metafile.inputs).map(
    (path) => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1],
  )
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}

/** Their licences ask to go where the code goes. */
function licences(names) {
  const texts = names.map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  })
  writeFileSync(join(next, 'third-party.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
}
