import type { Overlap } from './overlap.ts'
import type { Answer, Visitor } from './visitor.ts'

export const requests = 50

export interface RaceResult {
  /** Requests that were answered with 200. */
  answered: number
  /** Keys that the session holds afterwards. */
  kept: number
  /** The most requests that were under way at one moment. */
  atOnce: number
  /** From the first request to the last answer, in milliseconds. */
  ms: number
}

/** What several rounds of one contestant come to: the worst of what was kept, the middle one of the times. */
export function summary(rounds: readonly RaceResult[]): RaceResult {
  const times = rounds.map((round) => round.ms).sort((a, b) => a - b)
  const fewest = (of: (round: RaceResult) => number) => Math.min(...rounds.map(of))
  return {
    answered: fewest((round) => round.answered),
    kept: fewest((round) => round.kept),
    atOnce: fewest((round) => round.atOnce),
    ms: times[Math.floor(times.length / 2)] ?? 0,
  }
}

/** Signs in, sends the overlapping requests, each with a key of its own, and asks what was kept. */
export async function race(visitor: Visitor, overlap: Overlap): Promise<RaceResult> {
  await visitor.post('/sign-in/Ada')
  const keys = Array.from({ length: requests }, (_, i) => `key-${i + 1}`)

  overlap.reset()
  const start = performance.now()
  const answers = await Promise.all(keys.map((key) => visitor.otherTab().post(`/set/${key}`)))
  const ms = performance.now() - start

  const values = valuesIn(await visitor.get('/values'))
  await visitor.post('/sign-out')
  return {
    answered: answers.filter((answer) => answer.status === 200).length,
    kept: keys.filter((key) => values[key] === true).length,
    atOnce: overlap.most,
    ms,
  }
}

export interface SignOutResult {
  /** How the slow request was answered: its HTTP status. */
  slowStatus: number
  /** Who is signed in afterwards, with the old cookie. `null`: nobody. */
  cameBack: string | null
  /** From signing in to the last answer, in milliseconds. */
  ms: number
}

/** Signs in, begins a slow request, signs out in another tab, lets the slow request end, and asks who is signed in. */
export async function signOutMeanwhile(visitor: Visitor): Promise<SignOutResult> {
  const start = performance.now()
  await visitor.post('/sign-in/Ada')

  const finishUpload = await visitor.otherTab().slowPost('/upload')
  await visitor.otherTab().post('/sign-out')
  const upload = await finishUpload()

  const { user } = valuesIn(await visitor.otherTab().get('/values'))
  const ms = performance.now() - start

  // What came back would stay in the store for as long as sessions last.
  await visitor.post('/sign-out')
  return { slowStatus: upload.status, cameBack: typeof user === 'string' ? user : null, ms }
}

function valuesIn(answer: Answer): Record<string, unknown> {
  return answer.status === 200 ? (answer.body as Record<string, unknown>) : {}
}
