import { copyFileSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { entries, Project, ROOT } from './installed.ts'

const project = new Project('express', 'vitest')
const names = [...entries.keys()]
copyFileSync(join(ROOT, 'test', 'package', 'consumers', 'works.cjs'), join(project.folder, 'works.cjs'))

/** What Node.js is told so that a program may use those files alone, and listen on loopback. */
function permissions(): string[] {
  const { node } = process.versions
  const readable = [join(ROOT, 'node_modules'), tmpdir()].map((path) => join(realpathSync(path), '*'))
  return [
    Number.parseInt(node, 10) < 24 ? '--experimental-permission' : '--permission',
    '--disable-warning=ExperimentalWarning',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${join(realpathSync(tmpdir()), '*')}`,
    ...(process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []),
  ]
}

test.each([
  ['imported', 'mjs', 'await import(name)'],
  ['required as CommonJS', 'cjs', "require('./node_modules/untorn/' + targets[name].require)"],
])('every entry that is %s works under the permission model of Node.js', (_how, kind, load) => {
  const file = `permitted.${kind}`
  project.write(
    file,
    `${kind === 'mjs' ? "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" : ''}
     const { works } = require('./works.cjs')
     const targets = ${JSON.stringify(Object.fromEntries(entries))}
     async function main() {
       if (process.permission.has('fs.write', '/etc')) throw new Error('Everything is allowed.')
       const seen = []
       for (const name of ${JSON.stringify(names)}) {
         await works[name](${load})
         seen.push(name)
       }
       console.log(JSON.stringify(seen))
     }
     main()`,
  )
  expect(JSON.parse(project.start([...permissions(), file]))).toEqual(names)
})

test.each([
  ['by Node.js', []],
  ['by Vite, as a package that is named in `server.deps.inline`', ['untorn']],
])('every entry works in Vitest, loaded %s', (_how, inline) => {
  project.write(
    'entries.test.mjs',
    `import { test } from 'vitest'
     import { works } from './works.cjs'
     ${names.map((name, n) => `import * as entry${n} from '${name}'`).join('\n')}
     const entries = [${names.map((_, n) => `entry${n}`).join(', ')}]
     test.each(${JSON.stringify(names.map((name, n) => [name, n]))})('%s', (name, n) => works[name](entries[n]))`,
  )
  const test = { include: ['entries.test.mjs'], server: { deps: { inline } } }
  project.write('vitest.config.mjs', `export default ${JSON.stringify({ test })}`)
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  project.start([vitest, 'run', '--reporter=json', '--outputFile=vitest.json'])
  expect(JSON.parse(project.read('vitest.json')).numPassedTests).toBe(names.length)
})
