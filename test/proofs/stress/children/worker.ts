// One of the processes that the stress run kills: works on the sessions until it is told to stop, or dies.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Random } from '../random.ts'
import { type Address, type Command, LOADING_DESCRIPTORS, type Notice, type Setup } from '../wire.ts'
import { Calls } from './calls.ts'
import { Diary } from './diary.ts'
import { KnownSessions } from './known-sessions.ts'
import { Lane, type LaneParts } from './lane.ts'
import { takeDescriptors } from './scarce-files.ts'
import { openStores } from './stores.ts'

/** Callers in one process. */
const LANES = 3
const COUNT_EVERY_MS = 200
const STARVED_MS = 5

const setup = JSON.parse(process.argv[2]!) as Setup
const tell = (notice: Notice): void => void writeSync(1, `${JSON.stringify(notice)}\n`)

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => obey(JSON.parse(line) as Command))
// The parent is dead, or has no more use for it.
commands.on('close', () => process.exit())

if (setup.kind === 'scarce') takeDescriptors(LOADING_DESCRIPTORS)
const diary = new Diary(setup)
const calls = new Calls(diary, await openStores(setup, diary, tell))
const contests: Address[] = []
let known: KnownSessions | undefined
let isOver = false
tell({ ready: true })

function obey(command: Command): void {
  if ('go' in command) {
    known = new KnownSessions(command.go.slots, command.go.lasting)
    void work(command.go.seat, known)
  } else if ('slot' in command) known?.put(command.slot, command.session)
  else if ('contest' in command) contests.push(command.contest)
  else isOver = true
}

async function work(seat: number, sessions: KnownSessions): Promise<void> {
  const counting = setInterval(count, COUNT_EVERY_MS)
  const lanes = Array.from({ length: LANES }, (_, lane) => new Lane(partsOf(seat, lane, sessions)))
  await Promise.all(lanes.map((lane) => lane.run(() => isOver)))
  clearInterval(counting)
  count()
  await calls.close()
  process.exit()
}

function partsOf(seat: number, lane: number, sessions: KnownSessions): LaneParts {
  return {
    calls,
    known: sessions,
    places: setup.places,
    random: new Random(setup.seed, 'lane', lane),
    name: `${seat}.${lane}`,
    put(slot, session) {
      sessions.put(slot, session)
      tell({ slot, session })
    },
    nextContest: () => contests.shift(),
    starve: setup.kind === 'scarce' ? starve : undefined,
  }
}

let starving = false

/** For as long as the other lanes take for a few calls. */
function starve(): void {
  if (starving) return
  starving = true
  const taken = takeDescriptors()
  setTimeout(() => {
    taken.giveBack()
    starving = false
  }, STARVED_MS)
}

let counted = 0

function count(): void {
  tell({ calls: diary.calls - counted })
  counted = diary.calls
}
