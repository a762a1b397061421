import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { type Request, Router } from 'express'
import { sendPage } from '../views/layout.ts'
import { racePage } from '../views/race.ts'
import { type Contestant, createContestants } from './contestants.ts'
import { databaseWait } from './handlers.ts'
import { type RaceResult, race, requests, signOutMeanwhile, summary } from './rounds.ts'
import { Visitor } from './visitor.ts'

const warmUps = 2
const rounds = 3

/** The race: its page, the handlers that it compares, and what its two buttons do. */
export function createRace(folder: string): { router: Router; close(): Promise<void> } {
  const { router: handlers, list, bare, overlap, close } = createContestants(folder)
  const code = shownCode()
  const oneAtATime = queue()

  const router = Router()
  router.use(handlers)
  router.get('/', (_req, res) => {
    sendPage(res, racePage({ contestants: list, bare, requests, rounds, databaseWait, code }))
  })

  router.post('/run', async (req, res) => {
    const results = await oneAtATime(() =>
      withVisitors(req, async (visitorOf) => {
        const all = [...list, bare]
        const round = () => forEach(all, (one) => race(visitorOf(one), overlap))
        // Opens connections and warms the code up.
        for (let i = 0; i < warmUps; i++) await round()
        const counted: RaceResult[][] = []
        for (let i = 0; i < rounds; i++) counted.push(await round())
        return all.map((one, i) => ({ ...one, ...summary(counted.flatMap((results) => results[i] ?? [])) }))
      }),
    )
    res.json({ requests, results })
  })

  router.post('/sign-out', async (req, res) => {
    const results = await oneAtATime(() =>
      withVisitors(req, (visitorOf) => forEach(list, (one) => signOutMeanwhile(visitorOf(one)))),
    )
    res.json({ results })
  })

  return { router, close }
}

/** For work with visitors to this server, whose connections end with it. */
async function withVisitors<Result>(
  req: Request,
  work: (visitorOf: (one: Contestant) => Visitor) => Promise<Result>,
): Promise<Result> {
  const agent = new Agent({ keepAlive: true })
  const base = `http://127.0.0.1:${req.socket.localPort}/race/`
  try {
    return await work(({ path }) => new Visitor(base + path, agent))
  } finally {
    agent.destroy()
  }
}

/** One after the other: side by side they would spoil each other's times. */
async function forEach<Result extends object>(
  list: readonly Contestant[],
  work: (one: Contestant) => Promise<Result>,
): Promise<(Contestant & Result)[]> {
  const results: (Contestant & Result)[] = []
  for (const one of list) results.push({ ...one, ...(await work(one)) })
  return results
}

/** So would two visitors who press a button together. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}

/** The handlers as they stand in handlers.ts, for the page to show. */
function shownCode(): string {
  const source = readFileSync(new URL('handlers.ts', import.meta.url), 'utf8')
  const region = source.split('// #region shown\n')[1]?.split('  // #endregion')[0] ?? ''
  return region.replace(/^ {2}/gm, '').trim()
}
