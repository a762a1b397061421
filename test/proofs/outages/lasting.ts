import { expect } from 'vitest'
import type { Application } from './application.ts'
import { until } from './until.ts'
import { account, signedIn } from './visits.ts'
import type { Behind, Outage } from './ways.ts'

const CODE = 'UNTORN_STORE_UNAVAILABLE'
const failed = { status: 503, text: CODE, setCookies: [] }

/** The server is away and comes back, while both applications are asked. */
export async function awayForAWhile(
  outage: Outage,
  behind: Behind,
  applications: readonly Application[],
): Promise<void> {
  const visits = await Promise.all(applications.map((application) => begin(application)))
  await outage.begin(behind)
  await Promise.all(visits.map((visit) => meanwhile(visit)))
  await outage.end(behind)
  await Promise.all(visits.map((visit) => afterwards(visit, outage)))
}

type Visit = Awaited<ReturnType<typeof begin>>

/** A visitor is signed in, and the answer to one of his requests is about to be saved. */
async function begin(application: Application) {
  const visitor = await signedIn(application)
  const before = await account(application, visitor)
  const { answer: late } = await application.waiting(visitor)
  application.events.length = 0
  application.storeEvents.length = 0
  return { application, visitor, before, late, cookie: visitor.cookie }
}

async function meanwhile({ application, visitor, late, cookie }: Visit): Promise<void> {
  const { policy, storeEvents } = application
  const [stranger, another] = [application.visitor(), application.visitor()]
  application.openGate()
  const ask = (who: typeof visitor, path: string) => application.get(who, path)
  const [saved, counted, shown, out, outAwaited, seen, signIn, unknown] = await Promise.all([
    late,
    ask(visitor, '/count'),
    ask(visitor, '/account'),
    ask(visitor, '/logout'),
    ask(visitor, '/logout-awaited'),
    ask(stranger, '/seen'),
    ask(another, '/login'),
    ask(application.visitor(), '/account'),
  ])
  // What would be a lie fails whatever the policy: a change of a session that was loaded, a sign-out, a sign-in.
  for (const answer of [saved, out, outAwaited, signIn]) expect(answer).toMatchObject(failed)
  const anonymous = (text: string) => (policy === 'fail' ? failed : { status: 200, text, setCookies: [] })
  expect(shown).toMatchObject(anonymous('{}'))
  expect(counted).toMatchObject(anonymous('1'))
  expect(seen).toMatchObject(anonymous('seen'))
  // Without a cookie and without anything to store nobody is asked.
  expect(unknown).toMatchObject({ status: 200, text: '{}' })

  await until('told of the outage', async () => {
    expect(await ask(visitor, '/account')).toMatchObject(anonymous('{}'))
    return storeEvents.length > 0
  })
  // Now all are answered at once, but for one at a time that asks the server.
  const crowd = await Promise.all(Array.from({ length: 10 }, () => ask(visitor, '/account')))
  for (const answer of crowd) expect(answer).toMatchObject(anonymous('{}'))
  expect(storeEvents.map(({ type }) => type)).toEqual(['unavailable'])
  expect(visitor.cookie).toBe(cookie)
  expect([stranger.cookie, another.cookie]).toEqual(['', ''])
  const degraded = application.events.filter(({ type }) => type === 'degraded')
  if (policy === 'fail') expect(degraded).toEqual([])
  else {
    expect(degraded).toContainEqual({
      type: 'degraded',
      error: expect.objectContaining({ code: CODE }),
      dropped: true,
    })
    expect(degraded).toContainEqual({
      type: 'degraded',
      error: expect.objectContaining({ code: CODE }),
      dropped: false,
    })
  }
}

async function afterwards({ application, visitor, before, cookie }: Visit, outage: Outage): Promise<void> {
  const { count = 0, ...rest } = await account(application, visitor)
  expect(visitor.cookie).toBe(cookie)
  if (outage.carriesOut) {
    expect([0, 1]).toContain(count - before.count!)
  } else {
    // What the server gets later than its caller has waited for it is void.
    expect({ count, ...rest }).toEqual(before)
  }
  // Whatever comes after them on a slow machine.
  expect(application.storeEvents.slice(0, 2).map(({ type }) => type)).toEqual(['unavailable', 'available'])

  await until('counted', async () => {
    await application.get(visitor, '/count')
    return (await account(application, visitor)).count! > count
  })
  await until('signed out', async () => (await application.get(visitor, '/logout')).text === 'bye')
  expect(visitor.cookie).toBe('')
}
