import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { asFunction, asObject, asOptions, asWholeNumber } from '../../options/checks.ts'
import type { ConformanceCase } from '../conformance.ts'
import type { AdapterCapability, Case } from './case.ts'
import { answered } from './cases/answered.ts'
import { attributes } from './cases/attributes.ts'
import { begun } from './cases/begun.ts'
import { bodiless } from './cases/bodiless.ts'
import { crossSite } from './cases/cross-site.ts'
import { ended } from './cases/ended.ts'
import { everyAnswer } from './cases/every-answer.ts'
import { failed } from './cases/failed.ts'
import { headers } from './cases/headers.ts'
import { known } from './cases/known.ts'
import { outage } from './cases/outage.ts'
import { overlapping } from './cases/overlapping.ts'
import { redirected } from './cases/redirected.ts'
import { streamed } from './cases/streamed.ts'
import { declared, type Lacks } from './declared.ts'
import type { AdapterSite } from './site.ts'
import { Sites } from './sites.ts'

/** How {@link adapterConformance} serves the adapter that it tests, and what its host can't do. */
export interface AdapterConformanceOptions {
  /**
   * Serves a site by the adapter, with the real framework: a server that listens on a free port of 127.0.0.1. `url`: where it is
   * reached, such as `http://127.0.0.1:49152`. Called for each of a handful of sites, each of which serves many cases; the suite
   * closes them.
   */
  serve(site: AdapterSite): Promise<{ url: string; close(): Promise<void> }>

  /**
   * A fresh, empty store for each site, in which the suite keeps what it has to see. Default: one in memory that loads at once.
   * Both ways, some cases have it answer later.
   */
  store?(): MaybePromise<SessionStore>

  /**
   * What the host can't do, each with the reason, which the skipped cases carry: see {@link AdapterCapability}. Default:
   * nothing. To name what it can do, or what no case needs, fails a case.
   */
  without?: Lacks

  /** Milliseconds within which each answer has to come. Default: 10,000. */
  timeout?: number
}

/**
 * What a session is to its visitor whatever framework serves it, as cases for any test runner: for adapters of your own. Each
 * visits a real server as a browser does, and looks at the heads that come back, at what is stored, and when.
 *
 * ```js
 * import { createServer } from 'node:http'
 * import { test } from 'node:test'
 * import { sessions } from 'untorn/node'
 * import { adapterConformance } from 'untorn/testing'
 *
 * const cases = adapterConformance({
 *   async serve({ options, trustProxy, page }) {
 *     const session = sessions({ ...options, trustProxy })
 *     const server = createServer(
 *       session(async (req, res) => {
 *         const { status, headers, body = '' } = await page(req.session, req)
 *         res.statusCode = status
 *         for (const [name, value] of headers) res.appendHeader(name, value)
 *         if (typeof body !== 'string') for await (const piece of body) res.write(piece)
 *         res.end(typeof body === 'string' ? body : undefined)
 *       }),
 *     )
 *     await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
 *     const close = () => new Promise((closed) => server.close(closed).closeAllConnections())
 *     return { url: `http://127.0.0.1:${server.address().port}`, close }
 *   },
 * })
 * for (const { title, run, skip } of cases) test(title, { skip }, run)
 * ```
 *
 * Cases are independent and may run at the same time. They wait for real clocks, so leave fake timers off. A case fails where its
 * promise is broken. One fails, too, where the host lacks what `without` doesn't name.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for an option that is unknown or can't be used.
 */
export function adapterConformance(options: AdapterConformanceOptions): ConformanceCase[] {
  const {
    serve,
    store,
    without = {},
    timeout = 10_000,
  } = asOptions(options, ['serve', 'store', 'without', 'timeout'])
  const lacks: Lacks = asObject('without', without)
  const sites = new Sites({
    serve: asFunction<AdapterConformanceOptions['serve']>('serve', serve),
    ...(store !== undefined && { store: asFunction<() => MaybePromise<SessionStore>>('store', store) }),
    timeout: asWholeNumber('timeout', timeout, { from: 1 }),
  })
  return allCases(lacks).map((each) => forRunner(each, sites, lacks))
}

function allCases(without: Lacks): Case[] {
  return [
    ...answered,
    ...declared(without),
    ...begun,
    ...known,
    ...ended,
    ...redirected,
    ...streamed,
    ...failed,
    ...bodiless,
    ...everyAnswer,
    ...overlapping,
    ...outage,
    ...attributes,
    ...crossSite,
    ...headers,
  ]
}

function forRunner({ title, kind, needs, check }: Case, sites: Sites, without: Lacks): ConformanceCase {
  const lacking = needs.find((need) => without[need] !== undefined)
  if (lacking !== undefined) {
    const skip = `without ${lacking}: ${without[lacking]}`
    return { title, skip, run: () => sites.run(kind, check) }
  }
  sites.expect(kind)
  return { title, run: () => sites.run(kind, check) }
}

export type { AdapterCapability }
