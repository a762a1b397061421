import type { ErrorRequestHandler, Express } from 'express'
import { sessions } from '../../../src/express.ts'
import { memoryStore } from '../../../src/memory.ts'
import type { SessionEvent } from '../../../src/session/events.ts'
import type { SessionsOptions } from '../../../src/sessions/options.ts'
import { eachWithEach } from '../../support/whole.ts'
import { expresses } from './express.ts'
import { serve } from './server.ts'
import { pace } from './stores.ts'
import './session-data.ts'
import { Visitor } from './visitor.ts'

/** Both versions of Express, over stores that answer at once and slow ones. */
export const everywhere = eachWithEach(Object.entries(expresses), Object.entries(pace)).map(
  ([[name, express], [speed, paced]]) => ({ name, speed, express, store: () => paced(memoryStore()) }),
)

export interface Application {
  port: number
  /** What `onEvent` was told. */
  events: SessionEvent[]
  /** What the error handler was given. */
  errors: { code?: string; message: string }[]
  visitor(): Visitor
}

/** An application with sessions, and an error handler that shows an error's code. */
export async function runs(
  mount: (app: Express) => void,
  options: SessionsOptions & { express?: (typeof expresses)[string] } = {},
): Promise<Application> {
  const { express = expresses['Express 5']!, ...rest } = options
  const events: SessionEvent[] = []
  const errors: Application['errors'] = []
  const app = express()
  app.use(
    sessions({
      store: memoryStore(),
      onEvent: (event) => void events.push(event),
      ...rest,
    } as SessionsOptions),
  )
  mount(app)
  const failed: ErrorRequestHandler = (error, _req, res, next) => {
    errors.push(error)
    if (res.headersSent) return next(error)
    res.send(`failed: ${error.code ?? error.message}`)
  }
  app.get('/session', (req, res) => void res.json(req.session))
  app.use(failed)
  const port = await serve(app)
  return { port, events, errors, visitor: () => new Visitor(port) }
}

/** A promise, and the function that resolves it. */
export function signal<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((keep) => {
    resolve = keep
  })
  return { promise, resolve }
}
