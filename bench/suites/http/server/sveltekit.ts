import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { dirname, join } from 'node:path'
import type { SessionStore } from 'untorn'
import { build, comesBy, handlerIn, type Site } from '../../../../test/frameworks/sveltekit/application.ts'
import { answerTo, none } from './answer.ts'

interface Event {
  readonly url: URL
  readonly locals: { session: object }
}

/** The application of its tests, as a build makes it: its fallback answers, behind its hooks. Built by whoever is first. */
export async function svelteKitServer(directory: string, store: SessionStore | undefined): Promise<Server> {
  const folder = join(dirname(directory), 'built-by-sveltekit')
  if (!existsSync(folder)) build(folder)
  const site: Site = {
    ...(store === undefined ? { handle: ({ event, resolve }) => resolve(event) } : { options: { store } }),
    page: async ({ url, locals }: Event) =>
      Response.json(await answerTo(url.pathname, store === undefined ? none : () => locals.session)),
  }
  Object.assign(globalThis, { untornSites: { get: () => site } })
  const handler = await handlerIn(folder)
  return createServer((req, res) => {
    comesBy(req, 'http')
    handler(req, res)
  })
}
