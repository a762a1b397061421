// Installs what only `npm run test:all` needs: frameworks, drivers and whatever else tests meet as their users do. Each
// folder is a project of its own, as what is in one must not be found by another. Two at a time: most of it is waiting.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const AT_ONCE = 2

const frameworks = join(root, 'test', 'frameworks')
const examples = join(root, 'examples')
const folders = [
  join(root, 'test', 'package', 'consumers'),
  join(root, 'test', 'express-session', 'packages'),
  join(root, 'test', 'runtimes', 'binaries'),
  ...readdirSync(frameworks).map((name) => join(frameworks, name)),
  ...readdirSync(examples).map((name) => join(examples, name)),
].filter((folder) => existsSync(join(folder, 'package-lock.json')))

await Promise.all(Array.from({ length: AT_ONCE }, installNext))

async function installNext() {
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) await install(folder)
}

function install(folder) {
  const args = ['--prefix', folder, 'ci', '--loglevel', 'error', '--no-audit', '--no-fund']
  // An example has this package by its folder: it would be built once more for each of them, two at a time.
  if (dirname(folder) === examples) args.push('--ignore-scripts')
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', args, { stdio: 'inherit' })
    npm.on('error', reject)
    npm.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`npm ci failed in ${folder}`))
    })
  })
}
