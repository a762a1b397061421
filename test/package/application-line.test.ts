import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { entries, Project } from './installed.ts'

const project = new Project()

// Three visitors, each with a change that comes too late; `at` finds by their names where each was made.
const APPLICATION = `
  import { createServer } from 'node:http'
  import { memoryStore } from 'untorn/memory'
  import { sessions } from 'untorn/node'

  const session = sessions({
    store: memoryStore(),
    onEvent: ({ type, at }) => type === 'late-change' && console.log(at),
  })
  const lasts = { ASSIGNED: 1e6, CALLED: 2e6, COOKIE: 3e6 }
  const changes = {
    '/assigned': (req) => {
      req.session.late = lasts.ASSIGNED
    },
    '/called': (req) => {
      req.session.set('late', lasts.CALLED)
    },
    '/cookie': (req) => {
      req.session.cookie.maxAge = lasts.COOKIE
    },
  }
  const server = createServer(
    session((req, res) => {
      req.session.begun = true
      res.end('hello')
      changes[req.url](req)
    }),
  )
  server.listen(0, '127.0.0.1', async () => {
    for (const path of Object.keys(changes)) {
      await (await fetch('http://127.0.0.1:' + server.address().port + path)).text()
    }
    server.closeAllConnections()
    server.close(() => session.close())
  })`

/** The application with the package taken from elsewhere: CommonJS, which Node.js itself would not take. */
const COMMON = APPLICATION.replace(
  /untorn\/\w+/g,
  (name) => `./node_modules/untorn/${entries.get(name)!.require}`,
)

test.each([
  ['beside ES modules', APPLICATION, { format: 'esm', bundle: false }],
  ['beside CommonJS', COMMON, { format: 'cjs', bundle: false }],
  ['bundled to ES modules', APPLICATION, { format: 'esm', bundle: true }],
  ['bundled and minified', APPLICATION, { format: 'cjs', bundle: true, minify: true }],
] as const)(
  'a change that comes too late is told with the line of the application: %s',
  async (how, text, options) => {
    const name = how.replaceAll(' ', '-')
    const outfile = `${name}.${options.format === 'esm' ? 'mjs' : 'cjs'}`
    const source = project.write(`${name}.js`, text)
    await build({
      ...options,
      absWorkingDir: project.folder,
      entryPoints: [source],
      outfile,
      platform: 'node',
    })
    const lines = project.read(outfile).split('\n')
    const told = project.start([outfile]).trim().split('\n')
    const code = told.map((at) => {
      const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(at)!
      expect(file).toBe(join(project.folder, outfile))
      return lines[Number(line) - 1]!.slice(Number(column) - 1, Number(column) + 35)
    })
    expect(code).toEqual(['ASSIGNED', 'CALLED', 'COOKIE'].map((change) => expect.stringContaining(change)))
  },
)
