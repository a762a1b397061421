import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import { UntornError } from 'untorn'
import { type PlainSession, sessions } from 'untorn/express'
import { type FileStore, fileStore } from 'untorn/file'
import { values } from '../../candidates/sample.ts'
import { answerWith } from '../../measure/children.ts'

// The application that is used for ten minutes, in a process of its own.

export type Question =
  | { ask: 'listen'; directory: string; setting: Setting }
  /** `collect`: all garbage first, so that what is left on the heap is in use. */
  | { ask: 'look'; collect: boolean }

export type Answer = { port: number } | Look

export interface Setting {
  idleTimeout: number
  sweepEvery: number
  maxOpen: number
}

/** What the process uses and has done. */
export interface Look {
  rss: number
  external: number
  /** Bytes; only after a collection. */
  heap: number | undefined
  /** `undefined` where the system has no /proc. */
  descriptors: number | undefined
  folds: number
  swept: number
  /** Sessions by what became of them. */
  events: Record<string, number>
  /** Of the first request that failed otherwise than it may. */
  error: string | undefined
}

interface Data {
  user?: typeof values.user
  cart?: typeof values.cart
  token?: string
  views?: number
}

// Before the first use of Express and untorn, who look at it then.
process.env.NODE_ENV = 'production'

const events: Record<string, number> = {}
let failure: string | undefined
let store: FileStore
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

answerWith<Question, Answer>((question) =>
  question.ask === 'listen' ? listen(question.directory, question.setting) : look(question.collect),
)

async function listen(directory: string, { idleTimeout, ...files }: Setting): Promise<Answer> {
  store = fileStore(directory, files)
  const app = express()
  app.use(
    sessions({
      store,
      idleTimeout,
      onEvent({ type }) {
        events[type] = (events[type] ?? 0) + 1
      },
    }),
  )
  addRoutes(app)
  app.use(onError)
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port }
}

let changes = 0

function addRoutes(app: Express): void {
  app.get('/visit', (_req, res) => void res.json({}))
  app.get('/read', (req, res) => void res.json(sessionOf(req).user ?? {}))
  app.post('/arrive', (req, res) => {
    Object.assign(sessionOf(req), values)
    res.json({})
  })
  app.post('/change', (req, res) => {
    sessionOf(req).token = `${values.token}${changes++}`
    res.json({})
  })
  app.post('/count', (req, res) => {
    sessionOf(req).update('views', (views = 0) => views + 1)
    res.json({})
  })
  app.post('/sign-in', async (req, res) => {
    const session = sessionOf(req)
    await session.regenerate()
    session.user = values.user
    res.json({})
  })
  app.post('/sign-out', async (req, res) => {
    await sessionOf(req).destroy()
    res.json({})
  })
  app.post('/slow', async (req, res) => {
    sessionOf(req).token = `${values.token}${changes++}`
    await delay(50)
    res.json({})
  })
  app.post('/upload', express.text(), (req, res) => {
    sessionOf(req).token = req.body
    res.json({})
  })
}

function sessionOf(req: Request): PlainSession<Data> {
  return req.session as unknown as PlainSession<Data>
}

const onError: ErrorRequestHandler = (error, _req, res, _next) => {
  // Another request has signed out or signed in meanwhile, or the client has left: so it was meant.
  const isMeant = error instanceof UntornError && error.code === 'UNTORN_SESSION_GONE'
  const isGone = (error as { type?: string }).type === 'request.aborted'
  if (!isMeant && !isGone) failure ??= error instanceof Error ? error.stack : `${error}`
  res.status(isMeant ? 409 : 500).json({})
}

function look(collect: boolean): Look {
  if (collect) collectGarbage()
  const { rss, external, heapUsed } = process.memoryUsage()
  const { folds, swept } = store.stats
  const heap = collect ? heapUsed : undefined
  return { rss, external, heap, descriptors: descriptors(), folds, swept, events, error: failure }
}

function descriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1 // the listing's own
  } catch {
    return undefined
  }
}
