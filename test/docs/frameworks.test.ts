import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { whole } from '../support/whole.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs', 'frameworks.md'), 'utf8')

/** The code of a section, block by block. */
function codeOf(heading: string): string[] {
  const [, section] = new RegExp(`^## ${heading}\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(PAGE)!
  return [...section!.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!)
}

/** A reader's project, with the package installed. */
let project: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'untorn-frameworks-'))
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules', 'untorn'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
})

afterAll(() => rmSync(project, { recursive: true }))

/** What makes events of requests, and answers of results: HTTP API events, payload format 2.0. */
const GATEWAY = `
import { createServer } from 'node:http'

export async function gateway(handler) {
  const server = createServer(async (req, res) => {
    const { statusCode = 502, headers = {}, cookies = [], body = '' } = await handler(eventOf(req)).catch(() => ({}))
    res.statusCode = statusCode
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    if (cookies.length > 0) res.setHeader('set-cookie', cookies)
    res.end(body)
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const close = () => new Promise((closed) => server.close(closed).closeAllConnections())
  return { url: \`http://127.0.0.1:\${server.address().port}\`, close }
}

function eventOf({ method, url, headers: { cookie, ...headers } }) {
  const [rawPath, rawQueryString = ''] = url.split('?')
  const cookies = cookie === undefined ? undefined : cookie.split('; ')
  return { version: '2.0', rawPath, rawQueryString, headers, cookies, requestContext: { http: { method } } }
}
`

/** What node:test says of a program in the project. */
async function tapOf(file: string, code: string): Promise<string> {
  writeFileSync(join(project, file), code)
  // A runner that is started by another one of its kind reports to it instead.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const args = ['--test', '--test-reporter=tap', join(project, file)]
  const ran = promisify(execFile)(process.execPath, args, { env, cwd: project })
  const { stdout } = await ran.catch((error: { stdout: string }) => error)
  return stdout
}

test.runIf(whole)('the adapter that the page shows passes the suite, as it shows that', async () => {
  const [lambda, suite] = codeOf('Your own')
  writeFileSync(join(project, 'lambda.js'), lambda!)
  writeFileSync(join(project, 'gateway.js'), GATEWAY)
  const said = await tapOf('suite.test.js', suite!)
  expect(said.match(/^ *not ok .*$/gm) ?? []).toEqual([])
  expect(Number(/^# pass (\d+)$/m.exec(said)?.[1])).toBeGreaterThan(70)
  const skips = new Set(said.match(/# SKIP .*/g))
  expect(skips).toEqual(new Set(['# SKIP without stream: the function returns its whole body']))
})

const testInWhole = whole ? test : () => {}

testInWhole('the adapter that the suite itself shows passes it', async () => {
  const source = readFileSync(join(ROOT, 'src', 'testing', 'adapter', 'conformance.ts'), 'utf8')
  const [, example] = /^ \* ```js\n(.*?)^ \* ```$/ms.exec(source)!
  const said = await tapOf('shown.test.js', example!.replaceAll(/^ \* ?/gm, ''))
  expect(said.match(/^ *not ok .*$/gm) ?? []).toEqual([])
  expect(said).toMatch(/^# pass [1-9]\d+$/m)
})

test('the fetch host that the page shows counts its visits, and answers errors in two steps', async () => {
  const [counter, steps] = codeOf('fetch')
  const inMemory = counter!.replace(
    'sessions()',
    "sessions({ store: (await import('untorn/memory')).memoryStore() })",
  )
  const respond = `export async function respond(request, page) {\n${steps}}\n`
  writeFileSync(join(project, 'host.js'), `${inMemory}\n${respond}`)
  const { default: host, respond: inTwoSteps } = (await import(
    pathToFileURL(join(project, 'host.js')).href
  )) as {
    default: { fetch(request: Request): Promise<Response> }
    respond(request: Request, page: (session: { views: number }) => Promise<Response>): Promise<Response>
  }
  const request = (cookie = '') => new Request('https://shop.example/', { headers: { cookie } })
  const first = await host.fetch(request())
  const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
  expect(await (await host.fetch(request(cookie))).text()).toBe('2 views')
  const shown = await inTwoSteps(request(cookie), async (session) => new Response(`${session.views}`))
  expect(await shown.text()).toBe('2')
  const failed = await inTwoSteps(request(cookie), async () => {
    throw new Error('a page fails')
  })
  expect(failed.status).toBe(500)
})
