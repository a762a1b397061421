import { constants, setPriority } from 'node:os'
import { shuffled } from '../../measure/alternate.ts'
import { type CandidateName, candidates, type Opened } from './candidates.ts'
import { BLOCK_MS, type Rates, type Run, run } from './load.ts'

// The process of one candidate: nothing else is on its event loop.

export type Command =
  /** Opens the store anew, and uses the hot sessions. */
  | { do: 'open'; directory: string; sessions: number; hot: number }
  /** Puts the load on the store, and closes it. */
  | { do: 'run'; rates: Rates; seconds: number }

export type Answer = { done?: Run } | { failed: string }

// Ahead of other programs: what it then waits for is the disk, not a core. No real-time priority, as threads of Node
// that spin would hold up those that they wait for.
try {
  setPriority(constants.priority.PRIORITY_HIGH)
} catch {} // It needs a right to that; without it the figures hold more of what others do.

const candidate = candidates[process.argv[2] as CandidateName]
let stage: { opened: Opened; sessions: number; hot: number } | undefined

process.on('message', (command: Command) => {
  const carriedOut = command.do === 'open' ? open(command) : measured(command.rates, command.seconds)
  carriedOut.then(
    (done) => answer(done ? { done } : {}),
    (error: unknown) => answer({ failed: String(error) }),
  )
})

function answer(message: Answer): void {
  process.send!(message)
}

async function open({ directory, sessions, hot }: Command & { do: 'open' }): Promise<undefined> {
  const opened = await candidate.open(directory, sessions)
  for (let session = 0; session < hot; session++) {
    await opened.load(session)
    await opened.save(session)
  }
  stage = { opened, sessions, hot }
}

async function measured(rates: Rates, seconds: number): Promise<Run> {
  const { opened, sessions, hot } = stage!
  const unseen = shuffled(Array.from({ length: sessions - hot }, (_, n) => hot + n))
  const anyHot = (): number => Math.floor(Math.random() * hot)
  const done = await run(
    {
      hot: () => opened.load(anyHot()),
      save: () => opened.save(anyHot()),
      cold: () => opened.load(unseen.pop()!),
      create: () => opened.create(),
      block: () => keepBusy(BLOCK_MS),
    },
    rates,
    seconds,
  )
  await opened.close()
  return done
}

function keepBusy(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
