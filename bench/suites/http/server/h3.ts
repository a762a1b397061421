import { createServer, type RequestListener, type Server } from 'node:http'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/h3'
import { answerTo, none } from './answer.ts'
import { importFrom } from './elsewhere/packages.ts'

/** What is used of either major. */
interface Event {
  readonly context: { session: object }
}
type EventOf1 = Event & { readonly path: string }
type EventOf2 = Event & { readonly url: { readonly pathname: string } }
type Handler<E> = (event: E) => unknown

interface H3Of1 {
  createApp(): { use(handler: unknown): unknown }
  eventHandler(handler: Handler<EventOf1>): unknown
  toNodeListener(app: object): RequestListener
}

interface H3Of2 {
  H3: new () => { use(middleware: unknown): unknown; all(path: string, handler: Handler<EventOf2>): unknown }
  toNodeHandler(app: object): RequestListener
}

export function h3Server(major: 'h3 1' | 'h3 2', store: SessionStore | undefined): Promise<Server> {
  return major === 'h3 1' ? serverOf1(store) : serverOf2(store)
}

async function serverOf1(store: SessionStore | undefined): Promise<Server> {
  const { createApp, eventHandler, toNodeListener } = (await importFrom('h3 1')('h3v1')) as H3Of1
  const app = createApp()
  if (store !== undefined) sessions({ store }).install(app as never)
  const session = (event: EventOf1) => (store === undefined ? none : () => event.context.session)
  app.use(eventHandler((event) => answerTo(event.path, session(event))))
  return createServer(toNodeListener(app))
}

async function serverOf2(store: SessionStore | undefined): Promise<Server> {
  const { H3, toNodeHandler } = (await importFrom('h3 2')('h3')) as H3Of2
  const app = new H3()
  if (store !== undefined) app.use(sessions({ store }))
  const session = (event: EventOf2) => (store === undefined ? none : () => event.context.session)
  app.all('/**', (event) => answerTo(event.url.pathname, session(event)))
  return createServer(toNodeHandler(app))
}
