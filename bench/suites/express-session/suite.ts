import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Express } from 'express'
import { tokens, values } from '../../candidates/sample.ts'
import type { Duration } from '../../measure/alternate.ts'
import { packageVersion } from '../../measure/machine.ts'
import { measure, type Operation, rowsOf, type Samples } from '../../measure/rounds.ts'
import { spread } from '../../measure/statistics.ts'
import type { Measured, Row, Suite, SuiteContext, Target } from '../../suite.ts'
import { bare, type Candidate, candidatesIn, names } from './candidates.ts'
import { kept, OVERLAPPING } from './overlap.ts'
import { askInTurn, begin, type Handler } from './request.ts'

const LONG: Duration = { warmUp: 30, rounds: 300, seconds: 90 }
const QUICK: Duration = { warmUp: 15, rounds: 30, seconds: 12 }

const BARE = 'a request without sessions'

export const expressSessionSuite: Suite = {
  name: 'express-session',
  title: 'In the place of express-session',
  run: measureRequests,
}

async function measureRequests({ quick, directory, progress }: SuiteContext): Promise<Measured> {
  const candidates = candidatesIn(join(directory, 'timed'))
  const racing = candidatesIn(join(directory, 'overlapping'))
  try {
    const pairs = await Promise.all(candidates.map(operationsOf))
    const operations = [floor(), ...pairs.map(([reads]) => reads), ...pairs.map(([, changes]) => changes)]
    const samples = await measure(operations, quick ? QUICK : LONG, progress)
    for (const [, , check] of pairs) await check()
    const overlaps: Row[] = []
    for (const { name, app } of racing)
      overlaps.push({ group: KEPT, name, unit: 'count', value: spread([await kept(app)]) })
    return {
      rows: [...rowsOf(operations, samples), ...overlaps],
      targets: targets(samples),
      notes: [
        `${samples.get(BARE)!.length} rounds. A request goes through Express without a connection: its time is that of ` +
          'Express, of the sessions and of the head of an answer.',
        'The session holds some 400 bytes. With resave: false and saveUninitialized: false; express-session still touches ' +
          'its store in a read, as is its default.',
      ],
      versions: {
        'express-session': packageVersion('express-session'),
        'session-file-store': packageVersion('session-file-store'),
      },
    }
  } finally {
    for (const { close } of [...candidates, ...racing]) await close?.()
  }
}

const KEPT = `${OVERLAPPING} overlapping requests, each sets a value of its own: kept`

const read: Handler = (session) => (session.user as { name: string }).name

type Timed = [reads: Operation, changes: Operation, check: () => Promise<void>]

async function operationsOf({ name, app, batch }: Candidate): Promise<Timed> {
  const [reads, changes] = [await begin(app, values), await begin(app, values)]
  let turn = 0
  const change: Handler = (session) => {
    session.token = tokens[turn++ % 2]
    return 'changed'
  }
  const isRight = async (cookie: string, token: unknown): Promise<boolean> => {
    const session = await look(app, cookie)
    return isDeepStrictEqual(session, { ...values, token })
  }
  return [
    {
      group: 'A read',
      name: operationName('read', name),
      floor: BARE,
      batch: batch.read,
      run: (count) => askInTurn(count, app, reads, read),
    },
    {
      group: 'A change',
      name: operationName('change', name),
      floor: BARE,
      batch: batch.change,
      run: (count) => askInTurn(count, app, changes, change),
    },
    // Requests that have no session, or save nothing, would be fast.
    async () => {
      const last = tokens[(turn - 1) % 2]
      if ((await isRight(reads, values.token)) && (await isRight(changes, last))) return
      throw new Error(`${name}: a session does not hold what it should.`)
    },
  ]
}

/** What a session holds. */
async function look(app: Express, cookie: string): Promise<object> {
  let found: object = {}
  await askInTurn(1, app, cookie, ({ user, cart, token }) => {
    found = { user, cart, token }
    return ''
  })
  return found
}

function floor(): Operation {
  const app = bare()
  return {
    group: 'The floor',
    name: BARE,
    floor: BARE,
    batch: 400,
    run: (count) => askInTurn(count, app, 'sid=none', read),
  }
}

const operationName = (kind: 'read' | 'change', name: string): string => `${kind}: ${name}`

/** Of what the sessions take, without the rest of the request. */
function targets(samples: Samples): Target[] {
  const own = (kind: 'read' | 'change', name: string): number => {
    const floors = samples.get(BARE)!
    return spread(samples.get(operationName(kind, name))!.map((time, round) => time - floors[round]!)).median
  }
  const target = (kind: 'read' | 'change', slow: string, fast: string, bound: number): Target => ({
    what: `${kind}: ${slow} / ${fast}`,
    limit: 'at least',
    bound,
    value: own(kind, slow) / own(kind, fast),
  })
  return [
    target('read', names.peerMemory, names.memory, 1.5),
    target('read', names.peerMemory, names.files, 1.5),
  ]
}
