import express, { type Express, type Request } from 'express'
import { onTestFinished } from 'vitest'
import { sessionOf, sessions } from '../../src/express.ts'
import type { Sessions, SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { type Answer, serve } from '../adapters/support/server.ts'
import { Visitor } from '../adapters/support/visitor.ts'

/** What the handlers keep in a session. */
interface Kept {
  note?: string
}

export const sessionIn = (req: Request) => sessionOf<Kept>(req)

/** One process of an application, behind a proxy that ends TLS. */
export interface Site {
  readonly sessions: Sessions
  /** Somebody with a browser of their own. */
  visitor(): Browser
  /** Somebody who has signed in. */
  signedIn(user: string): Promise<Browser>
  /** A browser with the cookies of another one, at this process. */
  copyOf(browser: Browser): Browser
}

/**
 * With Express. `/me` says who somebody is, `/sign-in/ada`, `/confirm`, `/rotate` and `/sign-out` are what they say, `/note` puts
 * something into a session.
 */
export async function site(
  options: SessionsOptions = {},
  mount: (app: Express, sessions: Pick<Sessions, 'revokeAll'>) => void = () => {},
): Promise<Site> {
  const session = sessions({ store: memoryStore(), ...options })
  onTestFinished(() => session.close())
  const app = express()
  app.set('trust proxy', 1)
  app.use(session)
  mount(app, session.sessions)
  addRoutes(app)
  const port = await serve(app)
  const visitor = () => new Browser(port)
  return {
    sessions: session.sessions as unknown as Sessions,
    visitor,
    async signedIn(user) {
      const browser = visitor()
      await browser.post(`/sign-in/${user}`)
      return browser
    },
    copyOf(browser) {
      const copy = visitor()
      if (browser.id !== undefined) copy.id = browser.id
      return copy
    },
  }
}

function addRoutes(app: Express): void {
  app.get('/me', (req, res) => void res.send(req.session.owner ?? 'nobody'))
  app.post('/note', (req, res) => {
    sessionIn(req).note = 'milk'
    res.send('noted')
  })
  app.post('/sign-in/:user', async (req, res) => {
    await sessionIn(req).login(req.params.user, { keep: ['note'] })
    res.send('welcome')
  })
  app.post('/confirm', async (req, res) => void res.send(await req.session.confirm()))
  app.post('/rotate', async (req, res) => void res.send(await req.session.rotate()))
  app.post('/sign-out', async (req, res) => {
    await req.session.logout()
    res.send('goodbye')
  })
}

/** A browser as far as cookies go; over https if nothing else is said. */
export class Browser {
  readonly #visitor: Visitor
  readonly #protocol: 'https' | 'http'

  constructor(port: number, protocol: 'https' | 'http' = 'https') {
    this.#visitor = new Visitor(port)
    this.#protocol = protocol
  }

  /** The id that its cookie carries. */
  get id(): string | undefined {
    return this.#visitor.cookies.get('__Host-sid')
  }

  set id(id: string) {
    this.#visitor.cookies.set('__Host-sid', id)
  }

  over(protocol: 'https' | 'http'): Browser {
    return new Browser(this.#visitor.port, protocol)
  }

  /** `headers` win over its own. */
  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#ask('GET', path, headers)
  }

  post(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#ask('POST', path, headers)
  }

  /** A form, as it is sent by its button. */
  submit(path: string, fields: Record<string, string>): Promise<Answer> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.#ask('POST', path, headers, new URLSearchParams(fields).toString())
  }

  /** Whom the application takes them for. */
  async isSignedInAs(): Promise<string> {
    return (await this.get('/me')).text
  }

  #ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    const said = this.#protocol === 'https' ? { 'x-forwarded-proto': 'https' } : {}
    const question = { method, headers: { ...said, ...headers } }
    return this.#visitor.get(path, body === undefined ? question : { ...question, body })
  }
}

/** Whom the application takes several for. */
export function whoAre(browsers: readonly Browser[]): Promise<string[]> {
  return Promise.all(browsers.map((browser) => browser.isSignedInAs()))
}
