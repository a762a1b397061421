// Installs what only `npm run test:all` needs: frameworks, drivers and whatever else tests meet as their users do. Each
// folder is a project of its own, as what is in one must not be found by another. Some at a time: most of it is waiting. What
// is there as its lock says is left as it is.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const AT_ONCE = 3

const frameworks = join(root, 'test', 'frameworks')
const examples = join(root, 'examples')
const folders = [
  join(root, 'test', 'package', 'consumers'),
  join(root, 'test', 'express-session', 'packages'),
  join(root, 'test', 'runtimes', 'binaries'),
  ...readdirSync(frameworks).map((name) => join(frameworks, name)),
  ...readdirSync(examples).map((name) => join(examples, name)),
].filter((folder) => existsSync(join(folder, 'package-lock.json')) && !isInstalled(folder))

await Promise.all(Array.from({ length: AT_ONCE }, installNext))

async function installNext() {
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) await install(folder)
}

function install(folder) {
  const args = ['--prefix', folder, 'ci', '--loglevel', 'error', '--no-audit', '--no-fund']
  // An example has this package by its folder: it would be built once more for each of them, several at a time.
  if (dirname(folder) === examples) args.push('--ignore-scripts')
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', args, { stdio: 'inherit' })
    npm.on('error', reject)
    npm.on('exit', (code) => {
      if (code !== 0) return reject(new Error(`npm ci failed in ${folder}`))
      writeFileSync(noteIn(folder), stateOf(folder))
      resolve()
    })
  })
}

/** `npm ci` takes away what is there before it installs, and with it this note. */
function noteIn(folder) {
  return join(folder, 'node_modules', '.installed-of')
}

function isInstalled(folder) {
  return existsSync(noteIn(folder)) && readFileSync(noteIn(folder), 'utf8') === stateOf(folder)
}

/** Of what a folder is installed: some packages are built for the version of Node.js that installs them. */
function stateOf(folder) {
  const lock = readFileSync(join(folder, 'package-lock.json'))
  return `${createHash('sha256').update(lock).digest('hex')} ${process.version} ${process.platform} ${process.arch}`
}
