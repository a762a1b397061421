// The application that is measured, and its visitor: sends what ran of each file in one request, or the stack of a call.
import { once } from 'node:events'
import fs from 'node:fs'
import { request } from 'node:http'
import { Session } from 'node:inspector/promises'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface FunctionCoverage {
  functionName: string
  /** The function itself, and blocks inside of it that ran more or less often. */
  ranges: { startOffset: number; endOffset: number; count: number }[]
}

export interface ScriptCoverage {
  /** Below the folder of the measured files. */
  file: string
  functions: FunctionCoverage[]
}

export interface Frame {
  name: string
  file: string
}

/** How often each request is made before it is measured: what happens only once is no part of any. */
const WARM_UP = 5

/** Milliseconds. What a request leaves to be done in the background is done by then. */
const SETTLED = 50

const folder = fileURLToPath(new URL('.', import.meta.url))
const ofSource = (file: string): string | undefined => {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file
  return path.startsWith(join(folder, 'src')) ? path.slice(folder.length) : undefined
}

Error.stackTraceLimit = Number.POSITIVE_INFINITY

/** The calls that a stack may lead to, by name, while somebody asks for one. */
let wanted: { to: string; found?: Frame[] | undefined } | undefined

watch(fs, 'fstatSync')
watch(fs, 'writeSync')
watch(JSON, 'stringify')
syncBuiltinESMExports()

function watch<Name extends string>(owner: Record<Name, unknown>, name: Name): void {
  const real = owner[name] as (...args: unknown[]) => unknown
  owner[name] = (...args: unknown[]) => {
    if (wanted !== undefined && wanted.to === name) wanted.found ??= framesUpToHandler()
    return real(...args)
  }
}

/** `undefined` where no handler is under way. */
function framesUpToHandler(): Frame[] | undefined {
  const prepare = Error.prepareStackTrace
  Error.prepareStackTrace = (_, sites) => sites
  const sites = new Error().stack as unknown as NodeJS.CallSite[]
  Error.prepareStackTrace = prepare
  const handler = sites.findIndex((site) => site.getFunctionName()?.startsWith('handle'))
  if (handler === -1) return undefined
  return sites.slice(0, handler).flatMap((site) => {
    const file = ofSource(site.getFileName() ?? '')
    if (file === undefined) return []
    return [{ name: site.getFunctionName() ?? '(anonymous)', file: file.replace(/\.js$/, '.ts') }]
  })
}

const inspector = new Session()
inspector.connect()
await inspector.post('Profiler.enable')
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

// Only now: V8 counts the blocks of what it compiles from here on, and they take the functions of node:fs as they are.
const { default: express } = await import('express')
const { sessions } = await import('untorn/express')
const { fileStore } = await import('untorn/file')

const store = fileStore(join(folder, 'sessions'), { sweepEvery: 0 })
const app = express()
app.use(sessions({ store, cookie: { secure: false } }))

type AnySession = Record<string, unknown> & { regenerate(): unknown }
const sessionOf = (req: object): AnySession => (req as { session: AnySession }).session
let n = 0

app.get('/nobody', function handleNobody(_req, res) {
  res.end()
})
app.get('/read', function handleRead(req, res) {
  res.end(`${sessionOf(req).views}`)
})
app.get('/change', function handleChange(req, res) {
  sessionOf(req).views = ++n
  res.end()
})
app.get('/sign-in', async function handleSignIn(req, res) {
  await sessionOf(req).regenerate()
  sessionOf(req).user = `user ${++n}`
  res.end()
})

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
let cookie = ''

async function visit(path: string): Promise<void> {
  const sent = request({ port, host: '127.0.0.1', path, agent: false, headers: { cookie } })
  sent.end()
  const [response] = await once(sent, 'response')
  response.resume()
  await once(response, 'close')
  if (response.statusCode !== 200) throw new Error(`${path} was answered with ${response.statusCode}.`)
  const [set] = response.headers['set-cookie'] ?? []
  if (set !== undefined) cookie = set.split(';')[0]
  await delay(SETTLED)
}

async function coverageOf(path: string): Promise<ScriptCoverage[]> {
  for (let times = 0; times < WARM_UP; times++) await visit(path)
  // What was counted up to here is taken away.
  await inspector.post('Profiler.takePreciseCoverage')
  await visit(path)
  const { result } = await inspector.post('Profiler.takePreciseCoverage')
  return result.flatMap(({ url, functions }) => {
    const file = ofSource(url)
    return file === undefined ? [] : [{ file, functions }]
  })
}

async function stackOf(path: string, to: string): Promise<Frame[]> {
  await visit(path)
  wanted = { to }
  await visit(path)
  const { found } = wanted
  wanted = undefined
  return found ?? []
}

process.on('message', async ({ path, to }: { path: string; to?: string }) => {
  process.send!(to === undefined ? await coverageOf(path) : await stackOf(path, to))
})
process.on('disconnect', () => process.exit())
await visit('/change')
process.send!('ready')
