import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { againIfHeldUp } from '../../../support/again-if-slow.ts'
import { describeWith } from '../../../support/servers/needed.ts'
import { whole } from '../../../support/whole.ts'
import { Application, DEADLINE, type Policy } from '../application.ts'
import type { Connect } from '../drivers.ts'
import type { Start } from '../server.ts'
import { HOW, type How, loseEach } from './lose.ts'
import { type Route, routes } from './routes.ts'

const POLICIES: readonly Policy[] = ['fail', 'anonymous']

/** Milliseconds: many times what it takes, for a slow machine. */
const LONGEST_TEST = 600_000

/** Many applications at a time, each with a pool of its own. */
const CONNECTIONS = 200

/** What becomes of a visitor's request of which any one answer of the server is lost: over each driver, with both policies. */
export async function lostAnswerTests(
  name: string,
  start: Start,
  drivers: Record<string, Connect>,
): Promise<void> {
  await describeWith(
    name,
    () => start({ connections: CONNECTIONS }),
    ({ port }) => {
      let probe: Application
      const rejections: unknown[] = []
      const rejected = (reason: unknown): void => void rejections.push(reason)

      beforeAll(async () => {
        probe = await Application.start('fail', Object.values(drivers)[0]!, port, { deadline: 30_000 })
        process.on('unhandledRejection', rejected)
      })
      afterAll(async () => {
        process.off('unhandledRejection', rejected)
        await probe.close()
      })

      describe('whichever answer is lost, what a visitor was told is true:', () => {
        for (const route of routes) {
          test.concurrent(route.title, { timeout: LONGEST_TEST }, async () => {
            const all = cases(drivers, route).map(({ label, connect, ...one }) =>
              againIfHeldUp(DEADLINE, async (deadline) => {
                const wrongs = await loseEach(one, { connect, port, probe, deadline })
                expect(wrongs.map((wrong) => `${label}, ${wrong}`)).toEqual([])
              }),
            )
            await Promise.all(all)
          })
        }
      })

      test('no rejection was left that ends the process', () => expect(rejections).toEqual([]))
    },
  )
}

function cases(drivers: Record<string, Connect>, route: Route) {
  return Object.entries(drivers).flatMap(([driver, connect]) =>
    policiesOf(route).map((policy) => ({
      route,
      policy,
      ways: waysOf(route, policy),
      connect,
      label: `${driver}, ${policy}`,
    })),
  )
}

function policiesOf({ inShort }: Route): readonly Policy[] {
  return whole || inShort === undefined ? POLICIES : [inShort]
}

/** In the short run one with each policy, and by turns: over the routes each policy meets both. */
function waysOf(route: Route, policy: Policy): readonly How[] {
  const turn = routes.indexOf(route) + POLICIES.indexOf(policy)
  return whole ? HOW : [HOW[turn % HOW.length]!]
}
