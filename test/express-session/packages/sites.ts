import { existsSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'
import { Browser } from './browser.ts'
import { Gate } from './gate.ts'
import { both, four, type Implementation, type Middleware, type Session } from './implementations.ts'
import { type Address, listen, serverFor } from './serve.ts'

const require = createRequire(import.meta.url)

/** Said of what is skipped where the packages are not installed. */
const missing = existsSync(fileURLToPath(new URL('node_modules', import.meta.url)))
  ? undefined
  : 'the packages are not there: npm --prefix test/express-session/packages ci'

/** What an application of `applications/` is made with. */
interface Given {
  express: unknown
  /** The middleware; without a store in its options it takes that of the application. */
  session: (options: object) => Middleware
  /** That store, for what takes an express-session Store and no middleware. */
  store: object
  gate: Gate
}

/** An application, served to this test. */
export interface Site<App = RequestListener> {
  app: App
  address: Address
  browser: Browser
  gate: Gate
}

/** One implementation of sessions on one Express, for an application. */
export interface Stage<App> {
  /** Whether overlapping requests lose each other's changes, as express-session's do. */
  tears: boolean
  /** 4 or 5. */
  express: number
  /** express-session, or what takes its place, as it is. */
  session: Session
  /** Makes the application, with `more` for it, and with a store of its own. */
  make(more?: object): Promise<{ app: App; gate: Gate }>
  /** Makes it and serves it. */
  open(more?: object): Promise<Site<App>>
}

const expresses = { 4: 'express4', 5: 'express' }

type Tests<App> = (stage: Stage<App>) => void

/**
 * Puts an application, `applications/<file>`, with the packages that it uses, on express-session and on what takes its place,
 * on Express 4 and 5: `tests` asks each the same. Await it at the top of a file.
 */
export async function onEach<App = RequestListener>(
  title: string,
  file: string,
  tests: Tests<App>,
): Promise<void> {
  await onAll(title, four, Object.keys(expresses), file, tests)
}

/** The same with stores that the application brings: on express-session and untorn's, with nothing between. */
export async function onBoth<App = RequestListener>(
  title: string,
  file: string,
  tests: Tests<App>,
): Promise<void> {
  await onAll(title, both, Object.keys(expresses), file, tests)
}

/** The same of what is no Express, and takes a Store. */
export async function onEachStore<App = RequestListener>(
  title: string,
  file: string,
  tests: Tests<App>,
): Promise<void> {
  await onAll(title, four, ['5'], file, tests)
}

async function onAll<App>(
  title: string,
  implementations: () => Promise<Implementation[]> | Implementation[],
  majors: string[],
  file: string,
  tests: Tests<App>,
): Promise<void> {
  await whereInstalled(title, async () => {
    const { default: application } = await import(new URL(`applications/${file}`, import.meta.url).href)
    for (const implementation of await implementations())
      for (const major of majors) {
        const stage = stageOf<App>(implementation, Number(major) as 4 | 5, application)
        const express = majors.length > 1 ? ` and Express ${major}` : ''
        describe(`${title}, on ${implementation.name}${express}`, () => tests(stage))
      }
  })
}

/** Tests that need the packages: without them they are skipped with the reason; where `CI` is set they fail. */
export async function whereInstalled(title: string, tests: () => Promise<void> | void): Promise<void> {
  if (missing === undefined) return tests()
  if (process.env.CI) throw new Error(missing)
  test.skip(`${title} (${missing})`)
}

function stageOf<App>(
  implementation: Implementation,
  express: 4 | 5,
  application: (given: Given) => App | Promise<App>,
): Stage<App> {
  const { tears, session } = implementation
  const make: Stage<App>['make'] = async (more = {}) => {
    const gate = new Gate()
    const store = implementation.open()
    const given: Given = {
      express: require(expresses[express]),
      session: (options) => session({ store, ...options }),
      store: implementation.asStore(store),
      gate,
    }
    return { app: await application({ ...given, ...more }), gate }
  }
  const open: Stage<App>['open'] = async (more) => {
    const made = await make(more)
    const address = await listen(serverFor(made.app as RequestListener))
    return { ...made, address, browser: new Browser(address) }
  }
  return { tears, express, session, make, open }
}
